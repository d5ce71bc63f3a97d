import { readFileSync } from "node:fs";
import { findBuiltIn, isSingleBinary } from "../../core/runtime.ts";
import { defineCommand, jsonOption } from "../arguments/command.ts";

export const version = defineCommand({
  name: "version",
  summary: "Prints the version of Intermission",
  details: [],
  example: "intermission version",
  positionals: [],
  options: { ...jsonOption },
  async run({ output }) {
    const manifest = JSON.parse(readManifest()) as { readonly version: string };
    output.answer({ lines: [manifest.version], document: { version: manifest.version } });
  },
});

function readManifest(): string {
  if (!isSingleBinary()) return readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const sea = findBuiltIn("node:sea") as { getAsset(name: string, encoding: string): string };
  return sea.getAsset("package.json", "utf8");
}
