import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explanation } from "../arguments/help.ts";
import { commandNames, loadCommand } from "./index.ts";

const files = readdirSync(import.meta.dirname)
  .filter((file) => !file.includes("test") && file !== "index.ts")
  .map((file) => file.replace(".ts", ""));

describe("the registry of verbs", () => {
  test("has every file of the folder, and nothing else", () => {
    expect([...commandNames].sort()).toEqual(files.sort());
  });

  test.each(commandNames)(
    "%s has its own name, and a help in which every option is explained",
    async (name) => {
      const command = await loadCommand(name);
      if (command === undefined) throw new Error(`${name} can't be loaded`);
      expect(command.name).toBe(name);
      expect(command.summary).toMatch(/^[A-Z].*[^.]$/);
      const text = JSON.stringify(explanation(command).lines);
      for (const [option, { summary }] of Object.entries(command.options)) {
        expect(text).toContain(`--${option}`);
        expect(summary).not.toBe("");
      }
    },
  );

  test.each(["constructor", "__proto__", "toString", ""])("%j is no verb", async (name) => {
    expect(await loadCommand(name)).toBeUndefined();
  });
});
