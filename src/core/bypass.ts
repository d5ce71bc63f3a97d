/** How long a bypass lasts. Milliseconds. */
export const bypassLifetime = 12 * 3_600_000;

/** Longer than any valid token. */
const maximumTokenLength = 96;
const keyBytes = 32;

/** Signs and verifies tokens that let their holder past the page. */
export interface Bypass {
  /** @param until When it ends: the store's time, in milliseconds since 1970. */
  sign(key: string, until: number): Promise<string>;
  /** Whether a token was signed with this key for this app and has not expired. Never rejects. */
  verify(token: string, key: string, now: number): Promise<boolean>;
  /**
   * Whether any token in a `Cookie` header passes {@link verify}, whatever comes before it. Never rejects.
   */
  verifyCookies(header: string, key: string, now: number): Promise<boolean>;
}

type Key = Parameters<typeof globalThis.crypto.subtle.verify>[1];

/** The key that signs tokens. A new one revokes all earlier tokens. */
export function createBypassKey(): string {
  return toBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(keyBytes)));
}

/**
 * A token is `until.signature`: its expiry in seconds since 1970, and HMAC-SHA-256 (RFC 2104) over that and
 * the app's name. WebCrypto compares it in constant time.
 */
export function createBypass(app: string): Bypass {
  // Every request of a holder is verified, always with the same key.
  let latest: { readonly key: string; readonly imported: Promise<Key> } | undefined;

  function imported(key: string): Promise<Key> {
    if (latest?.key !== key) latest = { key, imported: importKey(key) };
    return latest.imported;
  }

  const signed = (until: string): Uint8Array<ArrayBuffer> =>
    new TextEncoder().encode(JSON.stringify(["intermission-bypass", app, until]));

  const bypass: Bypass = {
    async sign(key, until) {
      const seconds = String(Math.floor(until / 1000));
      const signature = await globalThis.crypto.subtle.sign("HMAC", await imported(key), signed(seconds));
      return `${seconds}.${toBase64Url(new Uint8Array(signature))}`;
    },
    async verify(token, key, now) {
      if (token.length > maximumTokenLength) return false;
      const [, seconds, signature] = /^(\d{1,12})\.([\w-]{43})$/.exec(token) ?? [];
      if (seconds === undefined || signature === undefined || !(Number(seconds) * 1000 > now)) return false;
      try {
        const bytes = fromBase64Url(signature);
        // The last character has two spare bits: accept only one spelling of a signature.
        if (toBase64Url(bytes) !== signature) return false;
        return await globalThis.crypto.subtle.verify("HMAC", await imported(key), bytes, signed(seconds));
      } catch {
        // The key was written by hand, or the runtime has no WebCrypto.
        return false;
      }
    },
    async verifyCookies(header, key, now) {
      for (const token of bypassTokens(header, app)) if (await bypass.verify(token, key, now)) return true;
      return false;
    },
  };
  return bypass;
}

async function importKey(key: string): Promise<Key> {
  const bytes = fromBase64Url(key);
  if (bytes.length < keyBytes) throw new TypeError("The key is too short.");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return globalThis.crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** @throws if the text is not base64url. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** The link's parameter, and the start of the cookies' names. */
export const bypassName = "intermission-bypass";

/** Longer headers are ignored: servers refuse 16 KiB. */
const longestHeader = 16_384;

/** Each costs a hash to verify. */
const maximumTokens = 32;
const tokenPattern = /^[\w.-]{1,96}$/;

/** Whether a `Cookie` header may contain a bypass. Hardly any does. */
export function hasBypass(header: string | undefined): header is string {
  return header !== undefined && header.length <= longestHeader && header.includes(bypassName);
}

/**
 * An app's unverified tokens in a `Cookie` header (RFC 6265 section 5.4). Other paths and sibling domains can
 * set cookies of the same name, so there may be several. Those that only this host can set come first.
 */
export function bypassTokens(header: string, app: string): readonly string[] {
  const cookies = header.split(";").map((cookie) => cookie.trim());
  // The last is from version 0.1.
  const tokens = [hostCookieName(app), cookieName(app), bypassName].flatMap((name) =>
    cookies.flatMap((cookie) => (cookie.startsWith(`${name}=`) ? [cookie.slice(name.length + 1)] : [])),
  );
  return [...new Set(tokens)].filter((token) => tokenPattern.test(token)).slice(0, maximumTokens);
}

/** One per app, since apps may share a host. A token: RFC 9110 section 5.6.2. */
export function cookieName(app: string): string {
  return `${bypassName}-${encodeURIComponent(app).replaceAll("(", "%28").replaceAll(")", "%29")}`;
}

/** Browsers accept a cookie of this name from no sibling domain: RFC 6265bis section 4.1.3.2. */
export function hostCookieName(app: string): string {
  return `__Host-${cookieName(app)}`;
}
