-- One prediction request again and again; at the end one line of JSON with what came of it.
-- Usage: wrk … -s post.lua URL -- BODY-FILE [API-KEY [HEAD: VALUE …]]
local failed = 0
threads = {}

function setup(thread) table.insert(threads, thread) end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.body = file:read("*a")
  file:close()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  if arguments[2] and arguments[2] ~= "" then wrk.headers["Authorization"] = "Bearer " .. arguments[2] end
  for i = 3, #arguments do
    local name, value = arguments[i]:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
  wrong = 0
end

-- To read the answers costs the load generator about as much again; without, wrk itself counts the errors among them.
if not os.getenv("POST_STATUS_ONLY") then
  function response(status, headers, body)
    if status ~= 200 or not body:find('"outputs"', 1, true) then wrong = wrong + 1 end
  end
end

function done(summary, latency, requests)
  for _, thread in ipairs(threads) do failed = failed + thread:get("wrong") end
  local errors = summary.errors
  failed = failed + errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "failed": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration / 1e6, failed, latency:percentile(50), latency:percentile(99)))
end
