-- Decides in nginx itself, by the state that `intermission serve` publishes: while nginx still holds an answer's header,
-- it can ask nobody. docs/proxies.md has the keys of the state.

local cjson = require "cjson.safe"

local intermission = {}

-- Seconds between two looks at the state, and milliseconds for each step of one.
local look_every = 0.25
local limit = 500
-- A state is some ten kilobytes; what is longer is none.
local maximum_length = 4 * 1024 * 1024

-- Of this worker. nil: never seen.
local state

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

-- More names, of MAINTENANCE_KEEP_HEADERS.
local added = {}

local function stays(name)
  for _, family in ipairs(families) do
    if name:sub(1, #family) == family then return true end
  end
  return kept[name] or added[name]
end

local function fetch(address)
  local host, port = address:match("^(.+):(%d+)$")
  local socket = ngx.socket.tcp()
  socket:settimeouts(limit, limit, limit)
  if not socket:connect(host, tonumber(port)) then return nil end
  socket:send("GET /state HTTP/1.0\r\nHost: " .. address .. "\r\n\r\n")
  local head = socket:receiveuntil("\r\n\r\n")()
  local length = head and head:match("^HTTP/1%.%d 200 ") and tonumber(head:lower():match("\ncontent%-length: *(%d+)"))
  local body = length and length <= maximum_length and socket:receive(length)
  socket:close()
  return body
end

-- Follows the state from now on. Call it once in each worker, with the address of `--control`: "127.0.0.1:9201".
function intermission.follow(address)
  local looking = false
  local function look(stopping)
    if stopping or looking then return end
    looking = true
    -- What was known counts on until it has run out.
    local fetched, text = pcall(fetch, address)
    local known = fetched and text and cjson.decode(text)
    if type(known) == "table" and known.validUntilSeconds then
      state = known
      added = {}
      for _, name in ipairs(known.keep and known.keep.names or {}) do added[name] = true end
    end
    looking = false
  end
  ngx.timer.at(0, look)
  ngx.timer.every(look_every, look)
end

local function has(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return false
end

-- A release travels percent-encoded.
local function decode(text)
  return (text:gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

local function is_regular(known, sent)
  -- A header that was added twice comes joined by commas: it says one release if both agree, and none if they don't.
  local first = (sent or ""):match("^%s*([^,]-)%s*,") or sent or ""
  for part in (sent or ""):gmatch("[^,]+") do
    if part:match("^%s*(.-)%s*$") ~= first then first = "" end
  end
  local release = has(known.regular, sent) and sent or first
  if release == "" then return not known.active end
  if known.mode == "auto" and known.newest == cjson.null then return true end
  return has(known.regular, release) or has(known.regular, decode(release))
end

-- A header that was sent more than once comes as a table.
local function joined(value)
  if type(value) == "table" then return table.concat(value, ", ") end
  return value
end

-- Who may frame the app may frame the page.
local function with_ancestors(own, policy)
  local from, to = (";" .. (policy or "")):lower():gsub(",", ";"):find(";%s*frame%-ancestors%s[^;]+")
  if not from then return own end
  local ancestors = (";" .. policy):sub(from, to):match("^[;,]%s*(.-)%s*$")
  local start, finish = own:find("frame%-ancestors [^;,]+")
  return start and own:sub(1, start - 1) .. ancestors .. own:sub(finish + 1) or own
end

-- The little that a filter can do about the visitor's wishes: the first format that is asked for by name.
local function format_for(accept, content_type)
  local first, at
  for format, name in pairs({ html = "text/html", json = "json", text = "text/plain" }) do
    local found = accept:find(name, 1, true)
    if found and (at == nil or found < at) then first, at = format, found end
  end
  if first then return first end
  return content_type:find("json", 1, true) and "json" or "html"
end

local function header()
  local known = state
  if known == nil or ngx.time() >= known.validUntilSeconds then return end
  local var, headers = ngx.var, ngx.header
  local content_type = headers["Content-Type"] or ""
  -- The app meant it, an instance has masked it by itself, or it is no page's place.
  if headers["Retry-After"] or headers["X-Maintenance"] or content_type:find("application/grpc", 1, true) then return end
  if is_regular(known, var.upstream_http_x_release) then return end

  local format = format_for(var.http_accept or "", content_type)
  local page, page_headers = known[format], known.headers[format]
  if not page or not page_headers then return end
  local policy, vary = joined(headers["Content-Security-Policy"]), joined(headers["Vary"])
  for name in pairs(ngx.resp.get_headers(0, true)) do
    if not stays(name:lower()) then headers[name] = nil end
  end
  for name, value in pairs(page_headers) do
    name = name:lower()
    if name == "content-security-policy" then value = with_ancestors(value, policy) end
    if name == "vary" and vary then value = vary .. ", " .. value end
    headers[name] = value
  end
  headers["X-Maintenance"] = "1"
  headers["Content-Length"] = #page
  if known.status ~= "original" then ngx.status = known.status end
  ngx.ctx.intermission_page = page
end

function intermission.header()
  if ngx.status < 500 then return end
  local done, problem = pcall(header)
  if not done then ngx.log(ngx.ERR, "The error stays as it is: ", problem) end
end

function intermission.body()
  -- The page may have a status of the 400s.
  if ngx.status < 400 then return end
  local page = ngx.ctx.intermission_page
  if page == nil then return end
  ngx.arg[1] = page
  ngx.arg[2] = true
  ngx.ctx.intermission_page = ""
end

return intermission
