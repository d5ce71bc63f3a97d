import { fromBase64Url, toBase64Url } from "./bypass.ts";
import type { Verdict } from "./decide.ts";

/**
 * What an instance reports in its answer to a rehearsal; only the holder of the key can read it. Lower-case.
 */
export const evidenceHeader = "x-intermission-rehearsed";

/** Bytes in base64url: 12 are 16 characters. */
const idBytes = 12;
const vectorBytes = 12;
const tokenForm = /^([\w-]{16})\.([\w-]{16})\.([\w-]{43})$/;
const longestToken = 96;
const longestEvidence = 8192;

/** What an instance knows and what it sent, to compare with what arrives. */
export interface Evidence {
  /** A proxy answers for instances without asking them. */
  readonly role: "instance" | "proxy";
  /** Tells processes apart. */
  readonly process: string;
  /** Version of the package. */
  readonly version: string;
  /** null: unknown. */
  readonly release: string | null;
  /** As this instance knows it. null: none is recorded. */
  readonly currentRelease: string | null;
  /** What a 500 on this path gets now. */
  readonly verdict: Verdict;
  /** What it gets while another release is current. */
  readonly inWindow: Verdict;
  /** Status of the page as sent. */
  readonly status: number;
  /** Lower-case names; without long ones, and those that intermediaries add to. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256, in base64url. */
  readonly body: string;
}

export interface RehearsalToken {
  readonly id: string;
  /** Unique to each token. */
  readonly nonce: string;
  readonly signature: string;
}

export function createRehearsalId(): string {
  return toBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(idBytes)));
}

/** A token for one request: `id.nonce.signature`, where the signature is HMAC-SHA-256 (RFC 2104). */
export async function signRehearsal(app: string, id: string, key: string): Promise<string> {
  const nonce = createRehearsalId();
  const signature = await globalThis.crypto.subtle.sign("HMAC", await importMac(key), signed(app, id, nonce));
  return `${id}.${nonce}.${toBase64Url(new Uint8Array(signature))}`;
}

/** Undefined: not in the form of a token. */
export function parseRehearsal(token: string): RehearsalToken | undefined {
  if (token.length > longestToken) return undefined;
  const [, id, nonce, signature] = tokenForm.exec(token) ?? [];
  if (id === undefined || nonce === undefined || signature === undefined) return undefined;
  return { id, nonce, signature };
}

/** Whether a token was signed with this key for this app. Rejects if the key is invalid. */
export async function isSigned(
  { id, nonce, signature }: RehearsalToken,
  app: string,
  key: string,
): Promise<boolean> {
  const bytes = fromBase64Url(signature);
  // The last character has two spare bits: accept only one spelling of a signature.
  if (toBase64Url(bytes) !== signature) return false;
  return globalThis.crypto.subtle.verify("HMAC", await importMac(key), bytes, signed(app, id, nonce));
}

/** Encrypts evidence (AES-256-GCM). Only the token it answers opens it. */
export async function sealEvidence(evidence: Evidence, token: string, key: string): Promise<string> {
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(vectorBytes));
  const sealed = await globalThis.crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(token) },
    await importCipher(key),
    new TextEncoder().encode(JSON.stringify(evidence)),
  );
  return toBase64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

/** Undefined: made for another token, or changed. Never rejects. */
export async function openEvidence(
  sealed: string,
  token: string,
  key: string,
): Promise<Evidence | undefined> {
  if (sealed.length > longestEvidence) return undefined;
  try {
    const bytes = fromBase64Url(sealed);
    const opened = await globalThis.crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: bytes.slice(0, vectorBytes),
        additionalData: new TextEncoder().encode(token),
      },
      await importCipher(key),
      bytes.slice(vectorBytes),
    );
    return JSON.parse(new TextDecoder().decode(opened)) as Evidence;
  } catch {
    return undefined;
  }
}

export async function digestOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  return toBase64Url(new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", body)));
}

type Key = Parameters<typeof globalThis.crypto.subtle.verify>[1];

function signed(app: string, id: string, nonce: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(["intermission-rehearsal", app, id, nonce]));
}

function importMac(key: string): Promise<Key> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return globalThis.crypto.subtle.importKey("raw", toBytes(key), algorithm, false, ["sign", "verify"]);
}

/** A separate key, because a key should serve one purpose. */
async function importCipher(key: string): Promise<Key> {
  const purpose = new TextEncoder().encode("intermission-rehearsal-evidence");
  const bytes = await globalThis.crypto.subtle.sign("HMAC", await importMac(key), purpose);
  return globalThis.crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function toBytes(key: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64Url(key);
  if (bytes.length < 32) throw new TypeError("The key is too short.");
  return bytes;
}
