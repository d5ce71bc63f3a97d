import { bypassName as name, cookieName, hostCookieName } from "../core/bypass.ts";

/** By this `intermission rehearse` asks for the page. Lower-case. */
export const rehearsalHeader = "x-intermission-rehearsal";

/** Of a failed answer, the headers that the page keeps, by names in lower case. All others go. */
const keptNames: ReadonlySet<string> = new Set([
  // The connection and its server. Node goes by some of them when it sends the rest.
  ...["alt-svc", "connection", "date", "keep-alive", "server", "via"],
  // Sessions, also those that were just ended.
  ...["clear-site-data", "set-cookie"],
  // What holds for the origin or for how the document may be used, whatever is in it.
  ...[
    "accept-ch",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
  ],
  ...[
    "nel",
    "origin-agent-cluster",
    "permissions-policy",
    "referrer-policy",
    "report-to",
    "reporting-endpoints",
  ],
  ...["strict-transport-security", "timing-allow-origin", "x-dns-prefetch-control", "x-download-options"],
  ...["x-frame-options", "x-permitted-cross-domain-policies", "x-xss-protection"],
  // Which request it was, for who looks for it in a log.
  ...[
    "b3",
    "baggage",
    "cf-ray",
    "correlation-id",
    "fly-request-id",
    "request-id",
    "sentry-trace",
    "trace-id",
  ],
  ...["traceparent", "traceresponse", "tracestate", "uber-trace-id", "x-amz-request-id", "x-amzn-requestid"],
  ...["x-amzn-trace-id", "x-cloud-trace-context", "x-correlation-id", "x-ms-request-id", "x-request-id"],
  ...["x-trace", "x-trace-id", "x-transaction-id", "x-vercel-id"],
  // How much the client may still ask.
  ...["ratelimit", "ratelimit-policy"],
  "vary",
]);

const keptFamilies = [
  "access-control-",
  "ratelimit-",
  "x-b3-",
  "x-datadog-",
  "x-rate-limit-",
  "x-ratelimit-",
];

/**
 * Whether the page keeps a header of the failed answer. A list of what stays, since nobody knows all that speaks of a
 * body, of how long to keep it, or of the error: each cache, proxy and framework has headers of its own.
 *
 * @param name In lower case.
 * @param others What the option `keepHeaders` adds.
 */
export function isKept(name: string, others: ReadonlySet<string>): boolean {
  return keptNames.has(name) || others.has(name) || keptFamilies.some((family) => name.startsWith(family));
}

/** The list as data, for proxies that put the page into an answer by themselves. */
export const keptHeaders: { readonly names: readonly string[]; readonly families: readonly string[] } = {
  names: [...keptNames],
  families: keptFamilies,
};

/** Longer than any list of partners. Characters. */
const longestAncestors = 2048;

/**
 * The page's policy, with who may frame it taken from the app's own (CSP 3, section 6.4.2): a partner who shows the app
 * in a frame is to see the page there too.
 *
 * @param failed The `Content-Security-Policy` of the failed answer, several joined by commas.
 */
export function withFrameAncestors(policy: string, failed: string | undefined): string {
  if (failed === undefined || !/frame-ancestors/i.test(failed)) return policy;
  // Each policy holds by itself: the first one's takes the place of the page's own, others are added.
  const [first, ...others] = failed.split(",").flatMap((one) => ancestorsOf(one) ?? []);
  if (first === undefined) return policy;
  const rest = policy.split("; ").filter((directive) => !directive.startsWith("frame-ancestors"));
  return [[...rest, first].join("; "), ...others].join(", ");
}

/** The first of several in one policy counts. */
function ancestorsOf(policy: string): string | undefined {
  for (const directive of policy.split(";")) {
    const [name = "", ...sources] = directive.trim().split(/[\t\n\f\r ]+/);
    if (name.toLowerCase() !== "frame-ancestors") continue;
    const text = ["frame-ancestors", ...(sources.length === 0 ? ["'none'"] : sources)].join(" ");
    return text.length <= longestAncestors && /^[!-~ ]+$/.test(text) ? text : undefined;
  }
  return undefined;
}

/** Field names added to a `Vary` header, each once. */
export function addVary(existing: string | undefined, added: string): string {
  if (existing === undefined || existing.trim() === "") return added;
  const names = existing.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*")) return existing;
  const missing = added.split(", ").filter((name) => !names.includes(name.toLowerCase()));
  return [existing, ...missing].join(", ");
}

/**
 * The path of a target as a server received it, for what is exempt by its path. One in absolute form has none: some routers
 * read the path in it, others find no route.
 */
export function receivedPath(target: string | undefined): string {
  return target?.startsWith("/") === true ? pathOf(target) : (target ?? "");
}

const absoluteForm = /^https?:\/\/[^/#\\]*(\/.*)?$/is;

/**
 * The path of a request target, without its query: RFC 9112 section 3.2, origin-form or absolute-form. What is neither
 * (`*`, or whatever an HTTP/2 client put into `:path`) is returned as it is, so that it is not taken for a path.
 */
export function pathOf(target: string | undefined): string {
  if (target === undefined) return "/";
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  if (path.startsWith("/")) return path;
  const absolute = absoluteForm.exec(path);
  return absolute === null ? path : (absolute[1] ?? "/");
}

/**
 * Whether a request names this machine as its host. A page on the web can make its own name lead here (DNS rebinding),
 * but the browser then sends that name.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host);
}

const lifetimeSeconds = 43_200;
const longestTarget = 8192;

/** A request by somebody who follows a bypass link. */
export interface BypassLink {
  /** It is yet to be verified. */
  readonly token: string;
  /** The same address without it, on the same host. */
  readonly location: string;
}

/** The token in a request target, of a GET alone: what was sent is not sent again by a redirect. */
export function bypassLink(method: string | undefined, target: string | undefined): BypassLink | undefined {
  if (method !== "GET" || target?.includes(`${name}=`) !== true || target.length > longestTarget)
    return undefined;
  const [address = ""] = target.split("#", 1);
  const query = address.indexOf("?");
  const parameters = query === -1 ? [] : address.slice(query + 1).split("&");
  const token = parameters.find(isToken)?.slice(name.length + 1);
  if (token === undefined) return undefined;
  const rest = parameters.filter((parameter) => !isToken(parameter)).join("&");
  // With two slashes, or what browsers take for one, it would lead to another host.
  const path = `/${pathOf(address).replace(/^[/\\]+/, "")}`;
  return { token, location: toAscii(rest === "" ? path : `${path}?${rest}`) };
}

/**
 * What sends the holder of a valid link on, with a cookie in place of the token.
 *
 * @param host The `Host` of the request. Browsers let this machine set a `Secure` cookie without HTTPS, but none with the
 * prefix.
 */
export function admissionHeaders(
  { token, location }: BypassLink,
  app: string,
  host: string | undefined,
): Readonly<Record<string, string>> {
  const cookie = isLoopbackHost(host) ? cookieName(app) : hostCookieName(app);
  return {
    location,
    "set-cookie": `${cookie}=${token}; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=${String(lifetimeSeconds)}`,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-length": "0",
  };
}

function isToken(parameter: string): boolean {
  return parameter.startsWith(`${name}=`);
}

/** Node hands over targets as bytes, one a character, and takes no others in a header. */
function toAscii(text: string): string {
  return text.replace(/[^!-~]/g, (character) => {
    const code = Math.min(character.charCodeAt(0), 0xff);
    return `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
