import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAddressRange } from "../../core/exemption.ts";
import { toClient } from "./forwarded.ts";

const proxies = [parseAddressRange("10.0.0.0/8"), parseAddressRange("fd00::/8")];

const asRecord = (headers: readonly string[]): Record<string, string> => {
  const record: Record<string, string> = {};
  for (let index = 0; index + 1 < headers.length; index += 2) {
    record[headers[index] ?? ""] = headers[index + 1] ?? "";
  }
  return record;
};

describe("toClient", () => {
  test("believes nobody who is not trusted", () => {
    const said = { "x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https", forwarded: "for=6.6.6.6" };
    const { address, headers } = toClient(said, "shop", "192.0.2.1", "http", proxies);
    expect(address).toBe("192.0.2.1");
    expect(asRecord(headers)).toEqual({
      "X-Forwarded-For": "192.0.2.1",
      "X-Forwarded-Proto": "http",
      "X-Forwarded-Host": "shop",
      Forwarded: 'for=192.0.2.1;host="shop";proto=http',
    });
  });

  test("keeps what a trusted proxy says, and adds that proxy", () => {
    const said = {
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example",
      forwarded: "for=192.0.2.1;proto=https",
    };
    const { address, headers } = toClient(said, "inner", "::ffff:10.1.2.3", "http", proxies);
    expect(address).toBe("192.0.2.1");
    expect(asRecord(headers)).toEqual({
      "X-Forwarded-For": "192.0.2.1, 10.1.2.3",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "shop.example",
      Forwarded:
        'for=192.0.2.1;host="shop.example";proto=https, for=10.1.2.3;host="shop.example";proto=https',
    });
  });

  test.each([
    ["6.6.6.6, 192.0.2.1", "192.0.2.1"],
    ["6.6.6.6, 192.0.2.1, 10.9.9.9", "192.0.2.1"],
    ["10.9.9.9", "10.9.9.9"],
    [" , ", "10.0.0.1"],
  ])("of a list of addresses believes the last that is no proxy's: %s", (list, expected) => {
    expect(toClient({ "x-forwarded-for": list }, undefined, "10.0.0.1", "http", proxies).address).toBe(
      expected,
    );
  });

  test("says the same in both ways where a trusted proxy says only one, or contradicts itself", () => {
    const expected = {
      "X-Forwarded-For": "192.0.2.1, 2001:db8::7, 10.1.2.3",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "shop.example:8443",
      Forwarded: ["192.0.2.1", '"[2001:db8::7]"', "10.1.2.3"]
        .map((node) => `for=${node};host="shop.example:8443";proto=https`)
        .join(", "),
    };
    const forwarded = 'For=192.0.2.1;Proto=https;host="shop.example:8443", for="[2001:db8::7]:4711"';
    const others = {
      "x-forwarded-for": "192.0.2.1, 2001:db8::7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example:8443",
    };
    for (const said of [
      { forwarded },
      others,
      { ...others, forwarded: "for=6.6.6.6;proto=http;host=other" },
    ]) {
      const { headers } = toClient(said, "inner", "10.1.2.3", "http", proxies);
      expect(asRecord(headers)).toEqual(expected);
    }
  });

  test("writes an IPv6 address as RFC 7239 wants it, and no host where there is none", () => {
    const { headers } = toClient({}, undefined, "2001:db8::1", "http", []);
    expect(asRecord(headers)["Forwarded"]).toBe('for="[2001:db8::1]";proto=http');
  });

  test("lets nothing that an untrusted visitor says through", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{1,40}$/), (said) => {
        const marked = `marked${said}`;
        const names = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"];
        const headers = Object.fromEntries(names.map((name) => [name, marked]));
        expect(JSON.stringify(toClient(headers, "shop", "192.0.2.1", "http", proxies))).not.toContain(
          "marked",
        );
      }),
    );
  });

  test("keeps a host in its quotes", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,40}$/), (host) => {
        const value = asRecord(toClient({}, host, "192.0.2.1", "http", []).headers)["Forwarded"] ?? "";
        expect(value).toMatch(/^for=192\.0\.2\.1;host="(?:[^"\\]|\\.)*";proto=http$/);
      }),
    );
  });
});
