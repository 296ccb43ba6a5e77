//! The list of living workers in Redis.
//!
//! Redis's own clock decides who lives, so the clocks of the workers may differ. Death is concluded
//! only from silence *among others who were heard*: when nobody was heard for a while, Redis was
//! out of reach or emptied, and everybody gets another chance before anybody counts as dead.

use domain::ports::{Crew, CrewMember, Duty};

/// KEYS alive, members, state; ARGV worker, duty, ttl in ms. Answers `{epoch, '1' if settled, then
/// name and entry of each living worker}`.
pub(super) const BEAT: &str = r"
local alive, members, state = KEYS[1], KEYS[2], KEYS[3]
local me, duty, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local epoch = tonumber(redis.call('HGET', state, 'epoch') or '0')
local heard = tonumber(redis.call('HGET', state, 'heard') or '0')
local settled = tonumber(redis.call('HGET', state, 'settled') or '0')
local changed = false

if epoch == 0 then
  settled = now + ttl
elseif now - heard > ttl / 2 then
  for _, name in ipairs(redis.call('ZRANGE', alive, 0, -1)) do
    if name ~= me then
      redis.call('ZADD', alive, now + ttl, name)
      settled = now + ttl
    end
  end
end

for _, name in ipairs(redis.call('ZRANGEBYSCORE', alive, '-inf', now)) do
  if name ~= me then
    redis.call('ZREM', alive, name)
    redis.call('HDEL', members, name)
    changed = true
  end
end

local known = redis.call('HGET', members, me)
local joined = known and string.match(known, '^(%d+)|')
if not known or known ~= joined .. '|' .. duty then changed = true end
if changed then epoch = math.max(now, epoch + 1) end
local shown = string.format('%.0f', epoch)
redis.call('ZADD', alive, now + ttl, me)
redis.call('HSET', members, me, (joined or shown) .. '|' .. duty)
redis.call('HSET', state, 'epoch', shown, 'heard', string.format('%.0f', now),
  'settled', string.format('%.0f', settled))
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], 2592000) end

local answer = {shown, settled <= now and '1' or '0'}
local all = redis.call('HGETALL', members)
for i = 1, #all do answer[#answer + 1] = all[i] end
return answer
";

/// KEYS alive, members, state; ARGV worker.
pub(super) const DEPART: &str = r"
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('HDEL', KEYS[2], ARGV[1]) == 1 then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local epoch = tonumber(redis.call('HGET', KEYS[3], 'epoch') or '0')
  redis.call('HSET', KEYS[3], 'epoch', string.format('%.0f', math.max(now, epoch + 1)))
end
";

/// The stored word.
pub(super) fn word(duty: Duty) -> &'static str {
    match duty {
        Duty::Working => "working",
        Duty::Draining => "draining",
    }
}

/// What [`BEAT`] answered.
pub(super) fn read(answer: &[String]) -> Option<Crew> {
    let (head, entries) = answer.split_at_checked(2)?;
    let mut members: Vec<CrewMember> = entries
        .chunks_exact(2)
        .map(|pair| {
            let (joined, duty) = pair.get(1)?.split_once('|')?;
            Some(CrewMember {
                name: pair.first()?.clone(),
                joined: joined.parse().ok()?,
                duty: match duty {
                    "draining" => Duty::Draining,
                    _ => Duty::Working,
                },
            })
        })
        .collect::<Option<_>>()?;
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Some(Crew {
        epoch: head.first()?.parse().ok()?,
        settled: head.get(1)? == "1",
        members,
    })
}
