import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../cli/run-cli.ts";
import { askThrough } from "../docs/proxy.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");

test.each(["django/intermission.service", "django/compose.yaml", "divio/start.sh"])(
  "the gateway of %s starts, and brings the app's answer",
  async (file) => {
    const text = readFileSync(join(deploy, file), "utf8").replace(
      "http://shop:8000",
      "http://127.0.0.1:8000",
    );
    const [, words = ""] = /\bgateway (--.+?)(?: &)?$/m.exec(text) ?? [];
    expect(words).toContain("--upstream");
    const { body } = await askThrough(
      `gateway ${words}`.replace(/"\$\{PORT:-(\d+)\}"/, "$1"),
      temporaryFolder(),
    );
    expect(body).toBe("the app");
  },
);
