import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAddressRange } from "./exemption.ts";

/** An IPv4 address with the bits beyond the prefix cleared. */
function masked(network: string, prefix: number): string {
  const number = network.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - prefix);
  const start = Math.floor(number / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".");
}

/** The range that the error about extra bits suggests, or the range itself. */
function rangeOf(text: string): string | undefined {
  try {
    parseAddressRange(text);
    return text;
  } catch (error) {
    return /Write (\S+) for the range/.exec((error as Error).message)?.[1];
  }
}

const contains = (range: string, address: string): boolean => parseAddressRange(range).contains(address);

describe("a range of addresses", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7", "::ffff:203.0.113.7"],
    ["203.0.113.7", "::ffff:cb00:7107"],
    ["10.0.0.0/8", "10.255.0.1"],
    ["10.0.0.0/8", "::ffff:10.255.0.1"],
    ["0.0.0.0/0", "198.51.100.1"],
    ["::ffff:10.0.0.0/104", "10.1.1.1"],
    ["2001:db8::/32", "2001:DB8:ffff::1"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["fe80::/10", "fe80::1%eth0"],
    ["::/0", "2001:db8::1"],
    [" 192.0.2.1 ", "192.0.2.1"],
  ])("%s has %s", (range, address) => {
    expect(contains(range, address)).toBe(true);
  });

  test.each([
    ["203.0.113.7", "203.0.113.8"],
    ["10.0.0.0/8", "11.0.0.0"],
    ["0.0.0.0/0", "2001:db8::1"],
    ["2001:db8::/32", "2001:db9::"],
    ["::1", "::2"],
    ["10.0.0.0/8", ""],
    ["10.0.0.0/8", "10.0.0"],
    ["10.0.0.0/8", "10.0.0.1, 192.0.2.1"],
    ["10.0.0.0/8", "10.0.0.1:443"],
    ["10.0.0.0/8", "unknown"],
    // IPv6 ranges contain no IPv4 clients, though the mapped form falls within the numbers.
    ["::/0", "203.0.113.7"],
    ["::/64", "::ffff:203.0.113.7"],
    ["::/0", "x".repeat(1_000_000)],
  ])("%s does not have %s", (range, address) => {
    expect(contains(range, address)).toBe(false);
  });

  test.each([
    "",
    "10",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "::/129",
    "1::2::3",
    ":::",
    ":1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "1.2.3.4::",
    "fe80::1%eth0",
    "localhost",
    "x".repeat(1_000_000),
  ])("%s is none", (text) => {
    expect(() => parseAddressRange(text)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});

test.each([
  ["203.0.113.7/0", "0.0.0.0/0", "203.0.113.7"],
  ["10.1.2.3/8", "10.0.0.0/8", "10.1.2.3"],
  ["203.0.113.7/31", "203.0.113.6/31", "203.0.113.7"],
  ["2001:db8::1/32", "2001:db8::/32", "2001:db8::1"],
  ["2001:db8:0:0:1::1/64", "2001:db8::/64", "2001:db8:0:0:1::1"],
  ["1:0:0:2:0:0:0:3/112", "1:0:0:2::/112", "1:0:0:2::3"],
  ["::ffff:10.1.2.3/104", "10.0.0.0/8", "10.1.2.3"],
  ["::ffff:10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8"],
  ["::ffff:10.1.2.3/8", "10.0.0.0/8", "10.0.0.0/8"],
  ["::ffff:0:0/0", "0.0.0.0/0", "0.0.0.0/0"],
])("%s has bits beyond its prefix, and the refusal says %s or %s", (text, range, address) => {
  expect(() => parseAddressRange(text)).toThrow(expect.objectContaining({ code: "bad-option" }));
  for (const form of [range, address]) {
    expect(() => parseAddressRange(text)).toThrow(form);
    expect(() => parseAddressRange(form)).not.toThrow();
  }
});

describe("agrees with Node", () => {
  /** An IPv4 address in IPv6, however it is written. */
  const isMapped = (address: string): boolean =>
    /^\[::ffff:[0-9a-f]+:[0-9a-f]+\]$/.test(new URL(`http://[${address}]`).hostname);
  const compressed = fc.ipV6();
  const sparse = fc
    .array(fc.constantFrom(0, 0, 1, 0xffff), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(":"));
  const ipv6 = fc.oneof(compressed, sparse);

  test("on which addresses are in a range of their family", () => {
    const ipv4Case = fc.record({
      network: fc.ipV4(),
      prefix: fc.integer({ min: 0, max: 32 }),
      address: fc.ipV4(),
      flipped: fc.integer({ min: 0, max: 31 }),
    });
    fc.assert(
      fc.property(ipv4Case, ({ network, prefix, address, flipped }) => {
        const list = new BlockList();
        list.addSubnet(network, prefix, "ipv4");
        const parts = network.split(".").map(Number);
        parts[flipped >> 3] = (parts[flipped >> 3] ?? 0) ^ (1 << (flipped & 7));
        for (const one of [address, network, parts.join(".")]) {
          const expected = list.check(one, "ipv4");
          const range = `${masked(network, prefix)}/${String(prefix)}`;
          expect(contains(range, one)).toBe(expected);
          expect(contains(range, `::ffff:${one}`)).toBe(expected);
        }
      }),
    );
    fc.assert(
      fc.property(ipv6, fc.integer({ min: 1, max: 128 }), ipv6, (network, prefix, address) => {
        const list = new BlockList();
        list.addSubnet(network, prefix, "ipv6");
        const range = rangeOf(`${network}/${String(prefix)}`);
        fc.pre(range !== undefined && !isMapped(network) && !isMapped(address));
        for (const one of [address, network]) expect(contains(range, one)).toBe(list.check(one, "ipv6"));
      }),
    );
  });

  test("on what is an address at all", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom("0", "1", "f", ":", "::", "."), maxLength: 24 }),
      ipv6,
      fc.ipV4(),
    );
    fc.assert(
      fc.property(text, (any) => {
        fc.pre(!any.includes("%") && !any.includes("/") && any.trim() === any);
        let isAddress = true;
        try {
          parseAddressRange(any);
        } catch {
          isAddress = false;
        }
        expect(isAddress).toBe(isIP(any) !== 0);
      }),
      { numRuns: 3000 },
    );
  });
});
