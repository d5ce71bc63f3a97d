import { bypassName as name, cookieName, hostCookieName } from "../core/bypass.ts";

/** The header by which `intermission rehearse` asks for the page. Lower-case. */
export const rehearsalHeader = "x-intermission-rehearsal";

/** The headers of a failed answer that the page keeps, by lower-case name. All others are dropped. */
const keptNames: ReadonlySet<string> = new Set([
  // About the connection and its server. Node reads some of them when it sends the rest.
  ...["alt-svc", "connection", "date", "keep-alive", "server", "via"],
  // Sessions, including those just ended.
  ...["clear-site-data", "set-cookie"],
  // Apply to the origin or to the document's rights, whatever the content.
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
  // Identify the request, for whoever searches a log.
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
  // How many requests the client has left.
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
 * Whether the page keeps a header of the failed answer. A list of what stays, because nobody knows every
 * header that describes a body, its caching or the error: each cache, proxy and framework has its own.
 *
 * @param name In lower case.
 * @param others Added by the option `keepHeaders`.
 */
export function isKept(name: string, others: ReadonlySet<string>): boolean {
  return keptNames.has(name) || others.has(name) || keptFamilies.some((family) => name.startsWith(family));
}

/** The list as data, for proxies that serve the page themselves. */
export const keptHeaders: { readonly names: readonly string[]; readonly families: readonly string[] } = {
  names: [...keptNames],
  families: keptFamilies,
};

/** Longer than any list of partners. Characters. */
const longestAncestors = 2048;

/**
 * The page's policy, with `frame-ancestors` from the app's own (CSP 3, section 6.4.2): a partner who frames
 * the app should see the page there too.
 *
 * @param failed The failed answer's `Content-Security-Policy`, several joined by commas.
 */
export function withFrameAncestors(policy: string, failed: string | undefined): string {
  if (failed === undefined || !/frame-ancestors/i.test(failed)) return policy;
  // Policies apply independently: the first one's replaces the page's own, and others are added.
  const [first, ...others] = failed.split(",").flatMap((one) => ancestorsOf(one) ?? []);
  if (first === undefined) return policy;
  const rest = policy.split("; ").filter((directive) => !directive.startsWith("frame-ancestors"));
  return [[...rest, first].join("; "), ...others].join(", ");
}

/** Within one policy, only the first counts. */
function ancestorsOf(policy: string): string | undefined {
  for (const directive of policy.split(";")) {
    const [name = "", ...sources] = directive.trim().split(/[\t\n\f\r ]+/);
    if (name.toLowerCase() !== "frame-ancestors") continue;
    const text = ["frame-ancestors", ...(sources.length === 0 ? ["'none'"] : sources)].join(" ");
    return text.length <= longestAncestors && /^[!-~ ]+$/.test(text) ? text : undefined;
  }
  return undefined;
}

/** Adds field names to a `Vary` header, each once. */
export function addVary(existing: string | undefined, added: string): string {
  if (existing === undefined || existing.trim() === "") return added;
  const names = existing.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*")) return existing;
  const missing = added.split(", ").filter((name) => !names.includes(name.toLowerCase()));
  return [existing, ...missing].join(", ");
}

/**
 * The path of a target as received, to check exemptions. A target in absolute form is returned whole and so
 * is never exempt: some routers read the path in it, others find no route.
 */
export function receivedPath(target: string | undefined): string {
  return target?.startsWith("/") === true ? pathOf(target) : (target ?? "");
}

const absoluteForm = /^https?:\/\/[^/#\\]*(\/.*)?$/is;

/**
 * The path of a request target without its query: RFC 9112 section 3.2, origin-form or absolute-form.
 * Anything else (`*`, or whatever an HTTP/2 client put in `:path`) is returned unchanged, so that it is not
 * taken for a path.
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
 * Whether a request names this machine as its host. A web page can make its own name resolve here (DNS
 * rebinding), but then the browser sends that name.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host);
}

const lifetimeSeconds = 43_200;
const longestTarget = 8192;

/** A request through a bypass link. */
export interface BypassLink {
  /** Not yet verified. */
  readonly token: string;
  /** The same address on the same host, without the token. */
  readonly location: string;
}

/**
 * The token in the target of a GET. Other methods are ignored, because a redirect would not resend their
 * body.
 */
export function bypassLink(method: string | undefined, target: string | undefined): BypassLink | undefined {
  if (method !== "GET" || target?.includes(`${name}=`) !== true || target.length > longestTarget)
    return undefined;
  const [address = ""] = target.split("#", 1);
  const query = address.indexOf("?");
  const parameters = query === -1 ? [] : address.slice(query + 1).split("&");
  const token = parameters.find(isToken)?.slice(name.length + 1);
  if (token === undefined) return undefined;
  const rest = parameters.filter((parameter) => !isToken(parameter)).join("&");
  // Two slashes, or what browsers take for one, would lead to another host.
  const path = `/${pathOf(address).replace(/^[/\\]+/, "")}`;
  return { token, location: toAscii(rest === "" ? path : `${path}?${rest}`) };
}

/**
 * Redirects the holder of a valid link, with a cookie in place of the token.
 *
 * @param host The request's `Host`. Without HTTPS, browsers let this machine set a `Secure` cookie, but none
 * with the prefix.
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

/** Node hands over targets as bytes, one per character, and accepts nothing else in a header. */
function toAscii(text: string): string {
  return text.replace(/[^!-~]/g, (character) => {
    const code = Math.min(character.charCodeAt(0), 0xff);
    return `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
