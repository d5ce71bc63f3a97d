import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createIntermission } from "../create.ts";
import { loadBrand } from "./brand.ts";

const folder = mkdtempSync(join(tmpdir(), "intermission-brand-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

const png = Buffer.from("89504e470d0a1a0a00", "hex");

describe("a brand file", () => {
  test("is JSON, and its logo lies beside it", () => {
    mkdirSync(join(folder, "images"));
    write("images/logo.png", png);
    const path = write("brand.json", '\ufeff{"name": "The shop", "logo": "images/logo.png"}');
    expect(loadBrand(path)).toEqual({
      name: "The shop",
      logo: `data:image/png;base64,${png.toString("base64")}`,
    });
  });

  test.each([
    ["none.json", undefined, /none\.json" can't be read/],
    ["broken.json", "{name: 1}", /broken\.json" is not JSON/],
    ["list.json", "[]", /list\.json.*an object/],
    ["wrong.json", '{"colour": "#fff"}', /There is no "colour" in .*wrong\.json/],
    ["large.json", " ".repeat(300_000), /more than 262144/],
  ])("that can't be used is an error at the start that names it: %s", (name, text, message) => {
    const path = text === undefined ? join(folder, name) : write(name, text);
    expect(() => loadBrand(path)).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(() => loadBrand(path)).toThrow(message);
  });

  test("that is a folder is an error, not a wait", () => {
    expect(() => loadBrand(folder)).toThrow(/it is no file/);
  });
});

describe("a logo", () => {
  test.each([
    ["image/png", png],
    ["image/jpeg", Buffer.from("ffd8ffe0", "hex")],
    ["image/gif", Buffer.from("GIF89a")],
    ["image/webp", Buffer.from("RIFF1234WEBPVP8 ")],
    ["image/avif", Buffer.from("\0\0\0 ftypavif", "latin1")],
    ["image/svg+xml", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ["image/svg+xml", Buffer.from('\ufeff<?xml version="1.0"?>\n<!-- ours -->\n<svg/>')],
  ])("is %s by what it begins with, whatever it is called", (mediaType, bytes) => {
    const { logo } = loadBrand({ logo: write("logo", bytes) }) ?? {};
    expect(logo).toBe(`data:${mediaType};base64,${bytes.toString("base64")}`);
  });

  test("that is no image, is too large or is not there is an error at the start", () => {
    expect(() => loadBrand({ logo: write("page.svg", "<html>") })).toThrow(/an SVG, PNG, JPEG/);
    expect(() => loadBrand({ logo: write("big.png", Buffer.alloc(32 * 1024 + 1)) })).toThrow(/32769 bytes/);
    expect(() => loadBrand({ logo: join(folder, "nothing.png") })).toThrow(/logo .*can't be read/);
  });
});

test("MAINTENANCE_BRAND is on the page, and an accent that is too pale is warned of", async () => {
  const path = write("pale.json", '{"name": "The shop", "accent": "#fc0", "title": {"en": "Tea break"}}');
  const warnings: string[] = [];
  const intermission = createIntermission(
    {
      store: "memory:",
      onWarning: ({ code, message }) => warnings.push(`${code}: ${message}`),
      logger: { warn() {}, error() {} },
    },
    { environment: { MAINTENANCE_BRAND: path, MAINTENANCE_THEME: "terminal" }, watching: false },
  );
  await intermission.ready();
  const page = new TextDecoder().decode(intermission.page({ method: "GET" }).body);
  expect(page).toContain("<title>Tea break – The shop</title>");
  expect(page).toContain("ui-monospace");
  expect(warnings).toEqual([
    expect.stringMatching(/^accent-corrected: The accent #ffcc00 .* shown as #[0-9a-f]{6}\./),
  ]);
  await intermission.close();
});
