-- Asks `intermission serve` what becomes of an error of the app: docs/proxies.md. Apache runs it for errors alone.

local socket = require("socket")

local host, port = ("127.0.0.1:9200"):match("^(.+):(%d+)$")
-- Seconds for each step.
local limit = 1

-- What stays of the failed answer: src/http/headers.ts. All else may describe its body, how long to keep it, or what
-- went wrong.
local kept = {}
for name in ([[
  alt-svc connection date keep-alive server via clear-site-data set-cookie accept-ch cross-origin-embedder-policy
  cross-origin-opener-policy cross-origin-resource-policy nel origin-agent-cluster permissions-policy referrer-policy
  report-to reporting-endpoints strict-transport-security timing-allow-origin x-dns-prefetch-control
  x-download-options x-frame-options x-permitted-cross-domain-policies x-xss-protection b3 baggage cf-ray
  correlation-id fly-request-id request-id sentry-trace trace-id traceparent traceresponse tracestate uber-trace-id
  x-amz-request-id x-amzn-requestid x-amzn-trace-id x-cloud-trace-context x-correlation-id x-ms-request-id
  x-request-id x-trace x-trace-id x-transaction-id x-vercel-id ratelimit ratelimit-policy vary
]]):gmatch("%S+") do kept[name] = true end
local families = { "access-control-", "ratelimit-", "x-b3-", "x-datadog-", "x-rate-limit-", "x-ratelimit-" }

local function stays(name)
  for _, family in ipairs(families) do
    if name:sub(1, #family) == family then return true end
  end
  return kept[name]
end

-- Sent in a line of its own.
local told = { ["content-type"] = true, ["retry-after"] = true, ["x-maintenance"] = true }

-- An empty header counts as none.
local function question(r)
  local asked, failed = r.headers_in, r.headers_out
  local function header(name, value) return name .. ": " .. (value or "") end
  local lines = {
    "GET /decide HTTP/1.0",
    header("X-Original-Status", r.status),
    header("X-Original-Method", r.method),
    header("X-Original-URI", r.unparsed_uri),
    header("X-Original-Content-Type", failed["Content-Type"] or r.content_type),
    header("X-Original-Retry-After", failed["Retry-After"]),
    header("X-Original-Maintenance", failed["X-Maintenance"]),
    header("X-Upstream-Release", failed["X-Release"]),
    header("Accept", asked["Accept"]),
    header("Accept-Language", asked["Accept-Language"]),
    header("Sec-Fetch-Dest", asked["Sec-Fetch-Dest"]),
    header("X-Requested-With", asked["X-Requested-With"]),
    header("Cookie", asked["Cookie"]),
  }
  -- Serve returns what MAINTENANCE_KEEP_HEADERS names, and joins these two to the page's own.
  for name, value in pairs(r:headers_out_table()) do
    local lower = name:lower()
    if lower == "vary" or not stays(lower) and not told[lower] then
      table.insert(lines, header("X-Original-" .. name, value))
    end
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- Status, headers by their lower-case names, and body. nil: the original stays.
local function ask(connection, text)
  connection:settimeout(limit)
  if not connection:connect(host, tonumber(port)) then return nil end
  connection:send(text)
  local status = tonumber((connection:receive("*l") or ""):match("^HTTP/1%.%d (%d%d%d)"))
  local headers = {}
  while status do
    local line = connection:receive("*l")
    if line == nil then return nil end
    local name, value = line:match("^([^:]+): *(.-)$")
    if name == nil then break end
    headers[name:lower()] = value
  end
  -- By this header alone: every other answer means that the original stays.
  if headers["x-maintenance"] ~= "1" then return nil end
  return status, headers, connection:receive(tonumber(headers["content-length"]))
end

function filter(r)
  local connection = socket.tcp()
  local fine, status, headers, body = pcall(ask, connection, question(r))
  connection:close()
  if not fine or not status or not body then return end

  for name in pairs(r:headers_out_table()) do
    if not stays(name:lower()) then r.headers_out[name] = nil end
  end
  for name, value in pairs(headers) do
    if name ~= "connection" and name ~= "date" then r.headers_out[name] = value end
  end
  r.status = status
  r.content_type = headers["content-type"]
  coroutine.yield(r.method == "HEAD" and "" or body)
  -- What the app goes on to send.
  while bucket do coroutine.yield("") end
end
