import { describe, expect, test } from "vitest";
import { isLoopbackHost } from "./headers.ts";

describe("a host", () => {
  test.each(["127.0.0.1", "127.0.0.1:4500", "localhost:4500", "LOCALHOST", "[::1]:4500"])(
    "%s is this machine",
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  test.each([
    undefined,
    "",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:4500",
    "evil.example:127.0.0.1",
    "127.0.0.1:4500@evil.example",
    "0.0.0.0:4500",
  ])("%s is none of ours", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});
