-- Sends requests that were written beforehand, each once: thread N takes them from FILE.N, parted by NUL.
-- At the end it prints what happened as one line of JSON; "again" counts requests sent for want of new ones.

local threads = {}

function setup(thread)
   thread:set("number", #threads)
   threads[#threads + 1] = thread
end

function init(args)
   local file = assert(io.open(args[1] .. "." .. number, "rb"))
   requests, sent, again = {}, 0, 0
   for text in file:read("*a"):gmatch("%Z+") do
      requests[#requests + 1] = text
   end
   file:close()
   local pause = tonumber(args[2] or 0)
   if pause > 0 then
      -- wrk asks for it where it is there.
      function delay()
         return pause
      end
   end
end

function request()
   sent = sent + 1
   if sent > #requests then
      again = again + 1
      return requests[1]
   end
   return requests[sent]
end

function done(summary, latency)
   local errors, again = summary.errors, 0
   for _, thread in ipairs(threads) do
      again = again + thread:get("again")
   end
   io.write(string.format(
      '\n{"answers":%d,"micros":%d,"refused":%d,"broken":%d,"again":%d,"p50":%d,"p99":%d}\n',
      summary.requests, summary.duration, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout, again,
      latency:percentile(50), latency:percentile(99)))
end
