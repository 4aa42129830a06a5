-- Finds users of a shard of whom something is due, for the one node that sweeps this shard for now.
--
-- KEYS: when something is due, who sweeps, the shard's word. ARGV: the node that asks, for how long it would sweep, the
-- time, how many at most.
-- Answers the word, then for how long another node sweeps, or 0 and the keys of the users.

local word = redis.call('GET', KEYS[3]) or ''
local free = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
if not free and redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return { word, math.max(1, redis.call('PTTL', KEYS[2])) }
end
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[3], 'BYSCORE', 'LIMIT', 0, ARGV[4])
return { word, 0, unpack(due) }
