/** For how long a bypass lets its holder past the page. Milliseconds. */
export const bypassLifetime = 12 * 3_600_000;

/** Longer than any token that was ever signed. */
const maximumTokenLength = 96;
const keyBytes = 32;

/** Signs tokens that let their holder past the page, and knows its own again. */
export interface Bypass {
  /** @param until When it ends: the store's time, in milliseconds since 1970. */
  sign(key: string, until: number): Promise<string>;
  /** Whether a token was signed with this key for this app and has not ended. Never rejects. */
  verify(token: string, key: string, now: number): Promise<boolean>;
  /** Whether {@link verify} is true of a token in a `Cookie` header, whatever stands before it. Never rejects. */
  verifyCookies(header: string, key: string, now: number): Promise<boolean>;
}

type Key = Parameters<typeof globalThis.crypto.subtle.verify>[1];

/** What tokens are signed with. A new one makes all that were signed before void. */
export function createBypassKey(): string {
  return toBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(keyBytes)));
}

/**
 * A token is `until.signature`: the seconds since 1970 at which it ends, and HMAC-SHA-256 (RFC 2104) over them and the
 * app's name. It is compared by WebCrypto, in a time that tells nothing.
 */
export function createBypass(app: string): Bypass {
  // Every request of a holder is verified, and the key is always the same.
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
        // Its last character has two bits to spare: only one way to write a signature is right.
        if (toBase64Url(bytes) !== signature) return false;
        return await globalThis.crypto.subtle.verify("HMAC", await imported(key), bytes, signed(seconds));
      } catch {
        // A key that somebody wrote by hand, or a runtime without WebCrypto.
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

/** @throws when it is none. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Of the parameter in a link past the page, and how the names of its cookies begin. */
export const bypassName = "intermission-bypass";

/** What is longer is not looked at: servers refuse headers of 16 KiB. */
const longestHeader = 16_384;

/** Each is verified, at the cost of a hash. */
const maximumTokens = 32;
const tokenPattern = /^[\w.-]{1,96}$/;

/** Whether a `Cookie` header may have a bypass in it. Nearly none has. */
export function hasBypass(header: string | undefined): header is string {
  return header !== undefined && header.length <= longestHeader && header.includes(bypassName);
}

/**
 * The tokens for an app in a `Cookie` header (RFC 6265 section 5.4), yet to be verified. Cookies of one name may come from
 * other paths and from sibling domains, so there can be several. Those that only this host can have set go first.
 */
export function bypassTokens(header: string, app: string): readonly string[] {
  const cookies = header.split(";").map((cookie) => cookie.trim());
  // The last is version 0.1's.
  const tokens = [hostCookieName(app), cookieName(app), bypassName].flatMap((name) =>
    cookies.flatMap((cookie) => (cookie.startsWith(`${name}=`) ? [cookie.slice(name.length + 1)] : [])),
  );
  return [...new Set(tokens)].filter((token) => tokenPattern.test(token)).slice(0, maximumTokens);
}

/** Of each app its own, since apps may share a host. A token: RFC 9110 section 5.6.2. */
export function cookieName(app: string): string {
  return `${bypassName}-${encodeURIComponent(app).replaceAll("(", "%28").replaceAll(")", "%29")}`;
}

/** Browsers take a cookie of this name from no sibling domain: RFC 6265bis section 4.1.3.2. */
export function hostCookieName(app: string): string {
  return `__Host-${cookieName(app)}`;
}
