//! The steps that must be one step: Lua scripts, run by Redis without anything in between.
//!
//! # Delayed wake-ups on time
//!
//! Whoever polls blocks no longer than until the next due instant. If a nearer instant is set
//! while everybody blocks already, a *nudge* goes into the stream: one consumer gets it,
//! reckons anew and from then on is the one who watches the instant. When it leaves with work
//! instead, it passes the nudge on, so that another one watches. A watcher that dies costs the
//! others at most their own waiting time.

use super::crew;
use redis::Script;

/// Adds a lane, unless an entry of it waits untaken. An entry that was trimmed away or deleted
/// does not count as waiting.
const ADD: &str = r"
local function add(stream, waiting, cap, lane)
  local id = redis.call('HGET', waiting, lane)
  if id and #redis.call('XRANGE', stream, id, id) > 0 then return end
  id = redis.call('XADD', stream, 'MAXLEN', '~', cap, '*', 'w', lane)
  redis.call('HSET', waiting, lane, id)
end
";

/// Turns read entries into `id, lane, id, lane...`: from here on their lanes count as taken.
/// Nudges are used up, and passed on if the reader leaves with work. Answers
/// `{next due instant or '', '1' if nudged, id, lane, ...}`.
const SETTLE: &str = r"
local function settle(stream, waiting, due, group, cap, nudged, entries)
  local answer = {'', '0'}
  for _, entry in ipairs(entries) do
    local id, field, value = entry[1], entry[2][1], entry[2][2]
    if field == 'w' then
      if redis.call('HGET', waiting, value) == id then redis.call('HDEL', waiting, value) end
      answer[#answer + 1] = id
      answer[#answer + 1] = value
    else
      redis.call('XACK', stream, group, id)
      redis.call('XDEL', stream, id)
      nudged = true
    end
  end
  local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if first[2] then
    answer[1] = first[2]
    if nudged and #answer > 2 then
      redis.call('XADD', stream, 'MAXLEN', '~', cap, '*', 'n', first[2])
    end
  end
  if nudged then answer[2] = '1' end
  return answer
end
";

/// KEYS stream, waiting; ARGV cap, lane...
const WAKE: &str = r"
for i = 2, #ARGV do add(KEYS[1], KEYS[2], ARGV[1], ARGV[i]) end
";

/// KEYS stream, due; ARGV cap, ms, lane
const WAKE_AT: &str = r"
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[2] .. '|' .. ARGV[3])
if not first[2] or tonumber(ARGV[2]) < tonumber(first[2]) then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'n', ARGV[2])
end
";

/// KEYS stream, waiting, due; ARGV cap, group, consumer, most, now in ms, '1' if nudged before.
///
/// Moves what is due into the stream and reads without waiting. The group is made when it is
/// missing (first use, or Redis was emptied), from the stream's beginning.
const TAKE: &str = r"
local stream, waiting, due = KEYS[1], KEYS[2], KEYS[3]
local cap, group = ARGV[1], ARGV[2]
local ripe = redis.call('ZRANGEBYSCORE', due, '-inf', ARGV[5], 'LIMIT', 0, 512)
for _, member in ipairs(ripe) do
  add(stream, waiting, cap, string.match(member, '^[^|]*|(.*)$'))
end
if #ripe > 0 then redis.call('ZREM', due, unpack(ripe)) end

local function read()
  return redis.pcall('XREADGROUP', 'GROUP', group, ARGV[3], 'COUNT', ARGV[4], 'STREAMS', stream, '>')
end
local got = read()
if got and got.err and string.find(got.err, 'NOGROUP', 1, true) then
  redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  got = read()
end
if got and got.err then return got end
return settle(stream, waiting, due, group, cap, ARGV[6] == '1', got and got[1][2] or {})
";

/// KEYS stream, waiting, due; ARGV cap, group, '1' if nudged before, then id, field, value of
/// each entry that a blocking read brought.
const TAKEN: &str = r"
local entries = {}
for i = 4, #ARGV, 3 do entries[#entries + 1] = {ARGV[i], {ARGV[i + 1], ARGV[i + 2]}} end
return settle(KEYS[1], KEYS[2], KEYS[3], ARGV[2], ARGV[1], ARGV[3] == '1', entries)
";

/// KEYS stream, waiting, due; ARGV cap, group, consumer, most, idle in ms.
///
/// Also forgets consumers that hold nothing and were not seen for an hour: every start of a
/// worker brings a new name.
const RECOVER: &str = r"
local stream, group, most = KEYS[1], ARGV[2], tonumber(ARGV[4])
local entries, cursor = {}, '0-0'
repeat
  local got = redis.pcall('XAUTOCLAIM', stream, group, ARGV[3], ARGV[5], cursor, 'COUNT', most - #entries)
  if got.err then
    if string.find(got.err, 'NOGROUP', 1, true) then return {'', '0'} end
    return got
  end
  cursor = got[1]
  for _, entry in ipairs(got[2]) do
    if entry and entry[2] then entries[#entries + 1] = entry end
  end
until cursor == '0-0' or #entries >= most
if #entries == 0 then
  for _, c in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
    local name, pending, idle
    for i = 1, #c, 2 do
      if c[i] == 'name' then name = c[i + 1] end
      if c[i] == 'pending' then pending = c[i + 1] end
      if c[i] == 'idle' then idle = c[i + 1] end
    end
    if pending == 0 and idle > 3600000 then redis.call('XGROUP', 'DELCONSUMER', stream, group, name) end
  end
end
return settle(stream, KEYS[2], KEYS[3], group, ARGV[1], false, entries)
";

/// All scripts, hashed once.
pub(super) struct Scripts {
    /// Adds wake-ups.
    pub(super) wake: Script,
    /// Adds a delayed wake-up.
    pub(super) wake_at: Script,
    /// Moves what is due and reads without waiting.
    pub(super) take: Script,
    /// Settles what a blocking read brought.
    pub(super) taken: Script,
    /// Takes over what others left lying.
    pub(super) recover: Script,
    /// Shows that a worker lives.
    pub(super) beat: Script,
    /// Takes a worker off the list.
    pub(super) depart: Script,
}

impl Scripts {
    /// Puts the scripts together.
    pub(super) fn new() -> Self {
        Self {
            wake: Script::new(&format!("{ADD}{WAKE}")),
            wake_at: Script::new(WAKE_AT),
            take: Script::new(&format!("{ADD}{SETTLE}{TAKE}")),
            taken: Script::new(&format!("{SETTLE}{TAKEN}")),
            recover: Script::new(&format!("{SETTLE}{RECOVER}")),
            beat: Script::new(crew::BEAT),
            depart: Script::new(crew::DEPART),
        }
    }
}
