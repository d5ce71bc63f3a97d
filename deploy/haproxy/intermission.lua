-- Asks `intermission serve` what becomes of an error of the app, and sends its page in place of HAProxy's own errors.
-- docs/proxies.md has what is asked, and the keys of the state.

local cjson = require("cjson.safe")

local errors_address = os.getenv("INTERMISSION_LISTEN") or "127.0.0.1:9200"
local control_address = os.getenv("INTERMISSION_CONTROL") or "127.0.0.1:9201"

-- Seconds for each step of a request to serve.
local limit = 1
-- Milliseconds between two looks at its state.
local look_every = 250
-- Seconds: without a look that succeeded for so long, serve is not asked any more: it would not answer.
local trusted_for = 2
local maximum_length = 4 * 1024 * 1024

local state
local looked_at = 0

local function seconds()
  local now = core.now()
  return now.sec + now.usec / 1e6
end

-- Status, headers by their lower-case names, body, and the headers in order. nil: no answer, or none that is whole.
local function request(address, head)
  local host, port = address:match("^(.+):(%d+)$")
  local socket = core.tcp()
  socket:settimeout(limit)
  if not socket:connect(host, tonumber(port)) then return nil end
  socket:send(head .. "\r\n")
  local line = socket:receive("*l")
  local status = line and tonumber(line:match("^HTTP/1%.%d (%d%d%d)"))
  local headers, lines = {}, {}
  while status do
    line = socket:receive("*l")
    if line == nil then
      socket:close()
      return nil
    end
    local name, value = line:match("^([^:]+): *(.-)\r?$")
    if name == nil then break end
    name = name:lower()
    headers[name] = value
    table.insert(lines, { name, value })
  end
  local length = tonumber(headers["content-length"] or "0")
  local body = ""
  if status and length > 0 and length <= maximum_length then body = socket:receive(length) end
  socket:close()
  if status == nil or body == nil then return nil end
  return status, headers, body, lines
end

core.register_task(function()
  while true do
    local fine, status, _, body = pcall(request, control_address, "GET /state HTTP/1.0\r\n")
    local known = fine and status == 200 and cjson.decode(body)
    if type(known) == "table" and known.validUntilSeconds then
      state = known
      looked_at = seconds()
    end
    core.msleep(look_every)
  end
end)

local function variable(txn, name)
  local value = txn:get_var("txn.intermission_" .. name)
  return type(value) == "string" and value or ""
end

-- Sent in a line of its own.
local told = { ["content-type"] = true, ["retry-after"] = true, ["x-maintenance"] = true }
-- Of the failed answer's headers. Bytes.
local maximum_kept = 32 * 1024

-- An empty header counts as none.
local function question(txn)
  local failed = txn.sf
  local lines = {
    "GET /decide HTTP/1.0",
    "X-Original-Status: " .. failed:status(),
    "X-Original-Method: " .. variable(txn, "method"),
    "X-Original-URI: " .. variable(txn, "uri"),
    "X-Original-Content-Type: " .. failed:res_fhdr("Content-Type"),
    "X-Original-Retry-After: " .. failed:res_fhdr("Retry-After"),
    "X-Original-Maintenance: " .. failed:res_fhdr("X-Maintenance"),
    "X-Upstream-Release: " .. failed:res_fhdr("X-Release"),
    "Accept: " .. variable(txn, "accept"),
    "Accept-Language: " .. variable(txn, "language"),
    "Sec-Fetch-Dest: " .. variable(txn, "destination"),
    "Cookie: " .. variable(txn, "cookie"),
  }
  -- Serve returns those that the page keeps.
  local length = 0
  for name, values in pairs(txn.http:res_get_headers()) do
    -- They are counted from 0.
    for index = 0, #values do
      local value = values[index] or ""
      length = length + #name + #value
      if not told[name] and length <= maximum_kept then table.insert(lines, "X-Original-" .. name .. ": " .. value) end
    end
  end
  return table.concat(lines, "\r\n") .. "\r\n"
end

core.register_action("intermission_ask", { "http-res" }, function(txn)
  if seconds() - looked_at > trusted_for then return end
  local fine, status, headers, body, lines = pcall(request, errors_address, question(txn))
  -- By this header alone: every other answer means that the original stays.
  if not fine or not status or headers["x-maintenance"] ~= "1" then return end
  local reply = txn:reply({ status = status })
  for _, line in ipairs(lines) do
    local name, value = line[1], line[2]
    if name ~= "connection" and name ~= "keep-alive" and name ~= "date" then reply:add_header(name, value) end
  end
  if variable(txn, "method") ~= "HEAD" then reply:set_body(body) end
  txn:done(reply)
end)

-- An error of HAProxy itself carries no release.
local function is_masked()
  return state ~= nil and state.active and core.now().sec < state.validUntilSeconds
end

-- Of what is asked for by name, the first.
local function format_for(txn)
  local accept = variable(txn, "accept")
  local first, at = "html", #accept + 1
  for format, name in pairs({ html = "text/html", json = "json", text = "text/plain" }) do
    local found = accept:find(name, 1, true)
    if found and found < at then first, at = format, found end
  end
  return first
end

core.register_fetches("intermission_masked", is_masked)

-- Else the page goes out with the status of the error.
core.register_fetches("intermission_sets_status", function() return is_masked() and state.status ~= "original" end)

core.register_fetches("intermission_body", function(txn, status)
  if is_masked() then return state[format_for(txn)] end
  return "<!doctype html><html lang=\"en\"><head><title>" .. status .. "</title></head><body><h1>" .. status .. "</h1></body></html>"
end)

core.register_fetches("intermission_header", function(txn, name)
  return state.headers[format_for(txn)][name] or ""
end)
