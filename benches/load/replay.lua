-- Sends requests that were written beforehand, each once: thread N takes them from FILE.N, parted by NUL.
-- At the end it prints what happened as one line of JSON.

local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(args)
   local file = assert(io.open(args[1] .. "." .. number, "rb"))
   requests, sent = {}, 0
   for text in file:read("*a"):gmatch("%Z+") do
      requests[#requests + 1] = text
   end
   file:close()
end

function request()
   sent = sent + 1
   return requests[sent] or requests[1]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"answers":%d,"micros":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
      summary.requests, summary.duration, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
