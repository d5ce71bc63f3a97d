import { describe, expect, test } from "vitest";
import type { Call, storeOptions } from "./command.ts";
import { suggest } from "./suggestion.ts";

function call(
  options: { readonly store?: string; readonly app?: string } = {},
): Pick<Call<typeof storeOptions>, "options"> {
  return { options: { store: options.store, app: options.app } };
}

describe("suggest", () => {
  test.each([
    [call(), undefined, "intermission rollback"],
    [call(), "v1.0", "intermission rollback v1.0"],
    [call(), "-v1", "intermission rollback -- -v1"],
    [call(), "it's new", String.raw`intermission rollback 'it'\''s new'`],
    [call({ app: "shop" }), "v1", "intermission rollback --app shop v1"],
    [call({ store: "sqlite:a.db" }), "v1", "intermission rollback --store sqlite:a.db v1"],
    [call({ store: "postgres://db/x" }), "v1", "intermission rollback --store postgres://db/x v1"],
    [call({ store: "postgres://user:secret@db/x" }), "v1", "intermission rollback v1"],
    [call({ store: "postgres://db/x?password=secret" }), "v1", "intermission rollback v1"],
  ])("is a command to copy", (given, id, command) => {
    expect(suggest(given, "rollback", id)).toBe(command);
  });
});
