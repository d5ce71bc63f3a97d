import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Page } from "../core/ports.ts";
import { chooseCoding, inCodings } from "./codings.ts";

const page: Page = {
  status: 503,
  headers: { "content-type": "text/html", vary: "Accept" },
  body: Buffer.from("<p>Back soon</p>".repeat(100)),
};

test.each([
  ["gzip, deflate, br, zstd", "br"],
  ["GZIP", "gzip"],
  ["x-gzip", "gzip"],
  ["br;q=0.5, gzip", "gzip"],
  ["br;q=0, gzip;q=0.1", "gzip"],
  ["gzip;q=0.5, identity", undefined],
  ["gzip;q=0.5, identity;q=0.5", "gzip"],
  ["identity;q=0, gzip;q=0.001", "gzip"],
  ["identity;q=0", undefined],
  ["*", undefined],
  ["gzip;q=2", undefined],
  ["zstd, deflate", undefined],
  ["", undefined],
])("Accept-Encoding: %s is answered with %s", (header, coding) => {
  expect(chooseCoding(header)).toBe(coding);
});

test("a page is made once in each coding, and says by what it was chosen", () => {
  const pageIn = inCodings(page);
  const [brotli, gzip, plain] = ["br", "gzip", ""].map(pageIn);
  expect(brotliDecompressSync(brotli?.body ?? "")).toEqual(page.body);
  expect(gunzipSync(gzip?.body ?? "")).toEqual(page.body);
  expect(plain?.body).toBe(page.body);
  expect([brotli, gzip, plain].map((one) => one?.headers["content-encoding"])).toEqual([
    "br",
    "gzip",
    undefined,
  ]);
  for (const one of [brotli, gzip, plain]) expect(one?.headers["vary"]).toBe("Accept, Accept-Encoding");
  expect(pageIn("br")).toBe(brotli);
  expect(pageIn(undefined)).toBe(page);
});

test("a small page is sent as it is", () => {
  const small = { ...page, body: Buffer.from("Soon") };
  expect(inCodings(small)("gzip")).toBe(small);
});
