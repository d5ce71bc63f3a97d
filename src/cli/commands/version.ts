import { readFileSync } from "node:fs";
import { defineCommand, jsonOption } from "../arguments/command.ts";

export const version = defineCommand({
  name: "version",
  summary: "Prints the version of Intermission",
  details: [],
  example: "intermission version",
  positionals: [],
  options: { ...jsonOption },
  async run({ output }) {
    const file = new URL("../../../package.json", import.meta.url);
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
    output.answer({ lines: [manifest.version], document: { version: manifest.version } });
  },
});
