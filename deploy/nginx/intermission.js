// Decides in nginx itself, by the state that `intermission serve` publishes: while nginx still holds an answer's header,
// it can ask nobody. docs/proxies.md has the keys of the state.

/* global ngx */

const address = "http://127.0.0.1:9201/state";

// What stays of the failed answer: src/http/headers.ts. All else may describe its body, how long to keep it, or what went
// wrong.
const kept = `
  alt-svc connection date keep-alive server via clear-site-data set-cookie accept-ch cross-origin-embedder-policy
  cross-origin-opener-policy cross-origin-resource-policy nel origin-agent-cluster permissions-policy referrer-policy
  report-to reporting-endpoints strict-transport-security timing-allow-origin x-dns-prefetch-control
  x-download-options x-frame-options x-permitted-cross-domain-policies x-xss-protection b3 baggage cf-ray
  correlation-id fly-request-id request-id sentry-trace trace-id traceparent traceresponse tracestate uber-trace-id
  x-amz-request-id x-amzn-requestid x-amzn-trace-id x-cloud-trace-context x-correlation-id x-ms-request-id
  x-request-id x-trace x-trace-id x-transaction-id x-vercel-id ratelimit ratelimit-policy vary
`.split(/\s+/);
const families = ["access-control-", "ratelimit-", "x-b3-", "x-datadog-", "x-rate-limit-", "x-ratelimit-"];

// `added`: by MAINTENANCE_KEEP_HEADERS.
function stays(name, added) {
  return kept.includes(name) || added.includes(name) || families.some((family) => name.startsWith(family));
}

async function look() {
  try {
    const reply = await ngx.fetch(address);
    const text = await reply.text();
    // What was known counts on until it has run out.
    if (reply.status === 200 && typeof JSON.parse(text).validUntilSeconds === "number")
      ngx.shared.intermission.set("state", text);
  } catch (problem) {
    ngx.log(ngx.INFO, `The state can't be had now: ${problem.message}`);
  }
}

// A release travels percent-encoded. A header that was added twice comes joined by commas: it says one release if both
// agree, and none if they don't.
function readRelease(state, sent) {
  if (state.regular.includes(sent)) return sent;
  const parts = sent.split(",").map((part) => part.trim());
  if (parts.some((part) => part !== parts[0])) return "";
  try {
    return state.regular.includes(parts[0]) ? parts[0] : decodeURIComponent(parts[0]);
  } catch (_) {
    return parts[0];
  }
}

function isRegular(state, sent) {
  const release = readRelease(state, sent || "");
  if (release === "") return !state.active;
  if (state.mode === "auto" && state.newest === null) return true;
  return state.regular.includes(release);
}

// The little that a filter can do about the visitor's wishes: the first format that is asked for by name.
function formatFor(accept, contentType) {
  const wished = [
    { format: "html", at: accept.indexOf("text/html") },
    { format: "json", at: accept.indexOf("json") },
    { format: "text", at: accept.indexOf("text/plain") },
  ]
    .filter((wish) => wish.at !== -1)
    .sort((one, other) => one.at - other.at);
  if (wished.length > 0) return wished[0].format;
  return contentType.includes("json") ? "json" : "html";
}

function toPage(r) {
  const text = ngx.shared.intermission.get("state");
  if (text === undefined) return;
  const state = JSON.parse(text);
  if (Date.now() >= state.validUntilSeconds * 1000) return;
  const headers = r.headersOut;
  const contentType = headers["Content-Type"] || "";
  // The app meant it, an instance has masked it by itself, or it is no page's place.
  if (headers["Retry-After"] || headers["X-Maintenance"] || contentType.startsWith("application/grpc"))
    return;
  if (isRegular(state, r.variables.upstream_http_x_release)) return;

  const format = formatFor(r.headersIn.Accept || "", contentType);
  const page = state[format];
  const pageHeaders = state.headers[format];
  if (!page || !pageHeaders) return;
  const added = (state.keep && state.keep.names) || [];
  const policy = headers["Content-Security-Policy"] || "";
  const vary = headers.Vary;
  Object.keys(headers).forEach((name) => {
    if (!stays(name.toLowerCase(), added)) delete headers[name];
  });
  Object.keys(pageHeaders).forEach((name) => {
    headers[name] = pageHeaders[name];
  });
  if (vary) headers.Vary = `${vary}, ${headers.Vary}`;
  // Who may frame the app may frame the page.
  const ancestors = /(?:^|[;,])[ \t]*(frame-ancestors[ \t][^;,]+)/i.exec(policy);
  const ours = headers["Content-Security-Policy"];
  if (ancestors && ours)
    headers["Content-Security-Policy"] = ours.replace(/frame-ancestors [^;,]+/, () => ancestors[1].trim());
  headers["X-Maintenance"] = "1";
  headers["Content-Length"] = Buffer.from(page).length;
  if (state.status !== "original") r.status = state.status;
  r.variables.intermission_page = page;
}

function header(r) {
  if (r.status < 500) return;
  try {
    toPage(r);
  } catch (problem) {
    r.error(`The error stays as it is: ${problem.message}`);
  }
}

function body(r, data, flags) {
  // The page may have a status of the 400s.
  const page = r.status < 400 ? "" : r.variables.intermission_page;
  if (!page) {
    r.sendBuffer(data, flags);
    r.done();
    return;
  }
  // Once, in place of the first bytes; the others are dropped.
  if (page !== "sent") r.sendBuffer(page, { last: false });
  r.variables.intermission_page = "sent";
  if (flags.last) r.sendBuffer("", flags);
}

export default { look, header, body };
