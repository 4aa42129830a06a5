-- What packages/domain/src/presence.ts says, where all nodes meet. Both give the same results, command by command.
--
-- KEYS[1] says when something of the users of this shard is due next; the other keys are users.
-- ARGV[1] what to do, ARGV[2] the time, ARGV[3] the name of this call, ARGV[4] '1' when it may have been done before.
--
-- A user is a hash: 's' says what others were told, 'c' and a connection's id what is known of that connection.

local verb, now, call, again = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local at = 4

local function text()
  at = at + 1
  return ARGV[at]
end

local function number()
  return tonumber(text())
end

local function read(key)
  local user = { key = key, known = false, leases = {}, online = false, flippedAt = -1, invisible = false, asOf = -1,
    lastActive = -1, by = '', changed = {}, gone = {} }
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local field, value = fields[i], fields[i + 1]
    if field == 's' then
      local online, flippedAt, invisible, asOf, lastActive, by =
        string.match(value, '^(%d) (%S+) (%d) (%S+) %S+ %S+ (%S+) (.*)$')
      user.online, user.flippedAt = online == '1', tonumber(flippedAt)
      user.invisible, user.asOf = invisible == '1', tonumber(asOf)
      user.lastActive, user.by = tonumber(lastActive), by
    else
      local phase, till, connectedAt, heardAt, rest = string.match(value, '^(%a) (%S+) (%S+) (%S+) (.*)$')
      user.leases[string.sub(field, 2)] =
        { phase = phase, till = tonumber(till), connectedAt = connectedAt, heardAt = tonumber(heardAt), rest = rest }
    end
    user.known = true
  end
  return user
end

local function put(user, connection, lease)
  user.leases[connection] = lease
  user.changed[connection] = true
  user.gone[connection] = nil
end

local function drop(user, connection)
  user.leases[connection] = nil
  user.changed[connection] = nil
  user.gone[connection] = true
end

-- Writes down what changed, and when to look again: earlier than was said before, or, once it was `looked`, later too.
-- `remember` is how long a flip is remembered after the last lease is gone.
local function write(user, remember, looked)
  local openTill, closedTill, nextDue = -1, -1, nil
  for _, lease in pairs(user.leases) do
    if lease.phase == 'o' and lease.till > openTill then openTill = lease.till end
    if lease.phase == 'c' and lease.till > closedTill then closedTill = lease.till end
    if nextDue == nil or lease.till < nextDue then nextDue = lease.till end
  end
  if nextDue == nil then
    if user.flippedAt < 0 or user.flippedAt + remember < now then
      if user.known then redis.call('DEL', user.key) end
      redis.call('ZREM', KEYS[1], user.key)
      return
    end
    nextDue = user.flippedAt + remember + 1
  end
  local values = { 's', string.format('%d %.0f %d %.0f %.0f %.0f %.0f %s', user.online and 1 or 0, user.flippedAt,
    user.invisible and 1 or 0, user.asOf, openTill, closedTill, user.lastActive, user.by) }
  for connection in pairs(user.changed) do
    local lease = user.leases[connection]
    values[#values + 1] = 'c' .. connection
    values[#values + 1] =
      string.format('%s %.0f %s %.0f ', lease.phase, lease.till, lease.connectedAt, lease.heardAt) .. lease.rest
  end
  redis.call('HSET', user.key, unpack(values))
  for connection in pairs(user.gone) do redis.call('HDEL', user.key, 'c' .. connection) end
  if not looked then
    redis.call('ZADD', KEYS[1], 'LT', string.format('%.0f', nextDue), user.key)
  elseif nextDue > now then
    redis.call('ZADD', KEYS[1], string.format('%.0f', nextDue), user.key)
  end
end

local flips = {}

local function tell(place, user)
  flips[#flips + 1] = { place, user.online and 1 or 0, user.flippedAt, user.lastActive }
end

local function isOnline(user)
  if user.invisible then return false end
  for _, lease in pairs(user.leases) do
    if lease.phase ~= 'k' then return true end
  end
  return false
end

-- Others see a user come or go, once.
local function flip(place, user, lastThere)
  local online = isOnline(user)
  if online == user.online then return end
  user.online = online
  user.flippedAt = now > user.flippedAt and now or user.flippedAt + 1
  user.lastActive = online and user.flippedAt or lastThere
  user.by = call .. ':' .. place
  tell(place, user)
end

-- A call whose answer was lost is asked again: what it told is told now, and not done twice.
local function wasDone(place, user)
  if not again or user.by ~= call .. ':' .. place then return false end
  tell(place, user)
  return true
end

local function hear(user, invisible, asOf)
  if asOf < user.asOf then return end
  user.invisible, user.asOf = invisible, asOf
end

local function held()
  local connectedAt, heardAt, node, device = text(), number(), text(), text()
  return { connectedAt = connectedAt, heardAt = heardAt, rest = node .. ' ' .. device }
end

local does = {}

function does.begin()
  local leaseMs, remember, limit, connection, lease = number(), number(), number(), text(), held()
  local user, open = read(KEYS[2]), 0
  for _, other in pairs(user.leases) do
    if other.phase ~= 'c' and other.till > now then open = open + 1 end
  end
  if open >= limit then return 0 end
  if user.leases[connection] == nil then
    lease.phase, lease.till = 'k', now + leaseMs
    put(user, connection, lease)
    write(user, remember)
  end
  return 1
end

-- With `silently`, a user of whom nothing is known is online without being told of: others knew it, before it was lost
-- here. Asked again, it renews nobody else: a lease may have run out by now, and whoever is still there is renewed anew.
function does.renew()
  local leaseMs, remember, silently = number(), number(), text() == '1'
  for place = 2, #KEYS do
    local user = read(KEYS[place])
    local connection, lease, invisible, asOf = text(), held(), text() == '1', number()
    local forgotten = silently and not user.known
    if again and not forgotten then
      wasDone(place, user)
    else
      hear(user, invisible, asOf)
      local known = user.leases[connection]
      if known == nil or known.phase ~= 'c' then
        for id, other in pairs(user.leases) do
          if other.phase == 'c' then drop(user, id) end
        end
        lease.phase, lease.till = 'o', now + leaseMs
        put(user, connection, lease)
      end
      if forgotten then
        user.online, user.flippedAt = isOnline(user), now
      else
        flip(place, user, now)
      end
      write(user, remember)
    end
  end
  return flips
end

function does.close()
  local graceMs, remember = number(), number()
  for place = 2, #KEYS do
    local connection, user = text(), read(KEYS[place])
    local lease = user.leases[connection]
    if not wasDone(place, user) and lease ~= nil and lease.phase ~= 'c' then
      if lease.phase == 'k' then
        drop(user, connection)
      else
        lease.phase, lease.heardAt, lease.till = 'c', now, math.min(lease.till, now + graceMs)
        put(user, connection, lease)
      end
      flip(place, user, now)
      write(user, remember)
    end
  end
  return flips
end

function does.hide()
  local remember, invisible, asOf = number(), text() == '1', number()
  local user = read(KEYS[2])
  if user.known and not wasDone(2, user) then
    hear(user, invisible, asOf)
    flip(2, user, now)
    write(user, remember)
  end
  return flips
end

-- Open leases that ran out after `believed` are kept, and stay due: their nodes had no way to renew them.
function does.expire()
  local remember, believed = number(), number()
  for place = 2, #KEYS do
    local user, lastThere, ranOut = read(KEYS[place]), -1, false
    if not wasDone(place, user) then
      for connection, lease in pairs(user.leases) do
        if lease.till <= (lease.phase == 'o' and believed or now) then
          if lease.phase ~= 'k' and lease.heardAt > lastThere then lastThere = lease.heardAt end
          drop(user, connection)
          ranOut = true
        end
      end
      if ranOut then flip(place, user, lastThere) end
      write(user, remember, true)
    end
  end
  return flips
end

-- What a process that kept presence for itself left: believed for as long as it left it.
function does.resume()
  local remember = number()
  for place = 2, #KEYS do
    local user = read(KEYS[place])
    local till, connection, lease, invisible, asOf = number(), text(), held(), text() == '1', number()
    if user.leases[connection] == nil then
      lease.phase, lease.till = 'c', till
      put(user, connection, lease)
      hear(user, invisible, asOf)
      user.online = not user.invisible
      write(user, remember)
    end
  end
  return flips
end

return does[verb]()
