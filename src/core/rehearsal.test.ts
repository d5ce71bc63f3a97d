import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { createBypassKey } from "./bypass.ts";
import {
  createRehearsalId,
  isSigned,
  openEvidence,
  parseRehearsal,
  sealEvidence,
  signRehearsal,
  type Evidence,
} from "./rehearsal.ts";

const key = createBypassKey();
const id = createRehearsalId();
const evidence = { release: "v1", status: 503 } as Evidence;

test("a token is HMAC-SHA-256 over the app, the rehearsal and a nonce, and no two are alike", async () => {
  const token = await signRehearsal("shop", id, key);
  const parsed = parseRehearsal(token)!;
  const text = JSON.stringify(["intermission-rehearsal", "shop", id, parsed.nonce]);
  const secret = Buffer.from(key, "base64url");
  expect(parsed.signature).toBe(createHmac("sha256", secret).update(text).digest("base64url"));
  expect(await signRehearsal("shop", id, key)).not.toBe(token);
  expect(await isSigned(parsed, "shop", key)).toBe(true);
});

test("a token of another app, with another key, or changed anywhere is none", async () => {
  const token = await signRehearsal("shop", id, key);
  const parsed = parseRehearsal(token)!;
  expect(await isSigned(parsed, "other", key)).toBe(false);
  expect(await isSigned(parsed, "shop", createBypassKey())).toBe(false);
  for (let index = 0; index < token.length; index++) {
    const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
    const other = parseRehearsal(changed);
    expect(other !== undefined && (await isSigned(other, "shop", key))).toBe(false);
  }
  for (const text of ["", ".", "a.b.c", `${token}x`, "x".repeat(10_000)])
    expect(parseRehearsal(text)).toBeUndefined();
});

test("evidence opens with the token that it answers, and says nothing to anybody else", async () => {
  const token = await signRehearsal("shop", id, key);
  const sealed = await sealEvidence(evidence, token, key);
  expect(sealed).toMatch(/^[\w-]+$/);
  expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("v1");
  expect(await openEvidence(sealed, token, key)).toEqual(evidence);
  expect(await openEvidence(sealed, await signRehearsal("shop", id, key), key)).toBeUndefined();
  expect(await openEvidence(sealed, token, createBypassKey())).toBeUndefined();
  expect(await openEvidence(`${sealed.slice(0, -3)}AAA`, token, key)).toBeUndefined();
  expect(await openEvidence("§", token, key)).toBeUndefined();
  expect(await openEvidence("A".repeat(100_000), token, key)).toBeUndefined();
});
