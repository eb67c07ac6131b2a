-- Posts prepared requests, each once: wrk -s post.lua URL -- FILE OFFSET
-- The file holds, for each request, a line with its length in bytes and then the request itself.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  file = assert(io.open(args[1], "rb"))
  file:seek("set", tonumber(args[2]))
  used = 0
  short = 0
end

function request()
  local length = file:read("*l")
  if length == nil then -- a text posted twice would be answered from the store, too cheaply
    short = 1
    wrk.thread:stop()
    return last
  end
  used = used + 1
  last = file:read(tonumber(length))
  return last
end

function done(summary, latency, requests)
  local used, short = threads[1]:get("used"), threads[1]:get("short")
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, '
      .. '"refused": %d, "broken": %d, "used": %d, "short": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout, used, short))
end
