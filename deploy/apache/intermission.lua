-- Asks `intermission serve` what becomes of an error of the app: docs/proxies.md. Apache runs it for errors alone.

local socket = require("socket")

local host, port = ("127.0.0.1:9200"):match("^(.+):(%d+)$")
-- Seconds for each step.
local limit = 1

-- An empty header counts as none.
local function question(r)
  local asked, failed = r.headers_in, r.headers_out
  local function header(name, value) return name .. ": " .. (value or "") end
  return table.concat({
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
    "\r\n",
  }, "\r\n")
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

-- What stays of the failed answer. All else spoke of its body, or of how long to keep it, or of what went wrong.
local kept = {}
for name in ([[
  connection date server set-cookie vary via strict-transport-security x-content-type-options referrer-policy
  permissions-policy timing-allow-origin traceparent tracestate x-request-id x-correlation-id x-trace-id ratelimit
]]):gmatch("%S+") do kept[name] = true end

local function stays(name)
  return kept[name] or name:find("^access%-control%-") or name:find("^cross%-origin%-") or name:find("^x?%-?ratelimit%-")
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
