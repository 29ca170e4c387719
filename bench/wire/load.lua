-- wrk -s load.lua URL -- METHOD BODY-LENGTH UPSTREAM: the same request over and over, and one line of figures at the end.

function init(args)
  wrk.method = args[1]
  wrk.headers["Authorization"] = "Bearer sk-bench"
  wrk.headers["Accept"] = "*/*"
  wrk.headers["User-Agent"] = "bench/1.0"
  wrk.headers["X-Headroom-Upstream"] = args[3]

  local length = tonumber(args[2])
  if length > 0 then
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = string.rep("x", length)
  end
end

-- Times in microseconds.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
