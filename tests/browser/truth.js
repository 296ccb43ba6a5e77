// What the dashboard should say, by the formulas of docs/metrics.md, worked out here from the
// exported facts and from what was said. Nothing of the product's arithmetic is used.

const DAY_MS = 86_400_000;
export const NOTHING = "–";

/** Whole seconds between two instants. */
const seconds = (from, to) => (from && to ? Math.floor((Date.parse(to) - Date.parse(from)) / 1000) : null);

export const assignment = (row) => seconds(row.requested_at, row.accepted_at);
export const firstResponse = (row) => seconds(row.requested_at, row.first_human_at);
export const resolution = (row) => seconds(row.accepted_at, row.ended_at);

/** Who said how much in one handoff, and how long the contact waited for replies. */
export function exchange(messages, handoff) {
  const count = { said: 0, replied: 0, replies: 0, waitedMs: 0 };
  let since = null;
  for (const message of messages.filter((m) => m.handoff === handoff)) {
    const at = Date.parse(message.received_at);
    if (message.author === "contact") {
      count.said += 1;
      since ??= at;
    } else if (message.author === "agent") {
      if (since !== null && count.replied > 0) {
        count.replies += 1;
        count.waitedMs += at - since;
      }
      since = null;
      count.replied += 1;
    }
  }
  return count;
}

/** Each row with the end of the same contact's row before, oldest first. */
export function inOrder(rows) {
  const last = new Map();
  return [...rows].sort((a, b) => a.requested_at.localeCompare(b.requested_at)).map((row) => {
    const before = last.get(row.conversation_id);
    last.set(row.conversation_id, row.ended_at);
    return { ...row, first: before === undefined, previous: before ?? null };
  });
}

function number(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ".");
}

export function percent(part, whole) {
  if (whole === 0) return NOTHING;
  const tenths = Math.floor((part * 1000) / whole + 0.5);
  return `${number(Math.floor(tenths / 10))}${tenths % 10 ? `,${tenths % 10}` : ""} %`;
}

export function duration(all) {
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  const two = (n, unit, m, other) => (m > 0 ? `${n} ${unit} ${m} ${other}` : `${n} ${unit}`);
  if (hours > 0) return two(hours, "h", minutes, "min");
  return minutes > 0 ? two(minutes, "min", rest, "s") : `${rest} s`;
}

/** Every way in which a percentile may be told: exact below 64 seconds, to within 1.6 % above. */
function percentile(values, percentage) {
  const sorted = values.filter((v) => v !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return [NOTHING];
  const exact = sorted[Math.max(Math.ceil((sorted.length * percentage) / 100), 1) - 1];
  const slack = exact < 64 ? 0 : Math.ceil(exact * 0.016);
  return Array.from({ length: 2 * slack + 1 }, (_, n) => duration(exact - slack + n));
}

/** The tiles: by name, all words that would be true. `open`: whether the company was open. */
export function tiles(rows, started, { open = true } = {}) {
  const ended = rows.filter((row) => row.ended_at);
  const handedOff = rows.filter((row) => row.first).length;
  const rated = rows.filter((row) => row.rating !== null);
  const back = (days) =>
    rows.filter((row) => row.previous && Date.parse(row.requested_at) - Date.parse(row.previous) <= days * DAY_MS).length;
  const talks = ended.map((row) => row.exchange);
  const replies = talks.reduce((sum, talk) => sum + talk.replies, 0);
  const waited = talks.reduce((sum, talk) => sum + talk.waitedMs, 0);
  const first = rows.map(firstResponse);
  return {
    handoffs: [number(rows.length)],
    handoff_rate: [percent(handedOff, started)],
    containment: [percent(started - handedOff, started)],
    csat: [percent(rated.filter((row) => row.rating >= 4).length, rated.length)],
    first_response: percentile(first, 50),
    first_response_p90: percentile(first, 90),
    first_response_p95: percentile(first, 95),
    first_response_open: percentile(first.map((v) => (v === null || open ? v : 0)), 50),
    assignment: percentile(rows.map(assignment), 50),
    reply: [replies === 0 ? NOTHING : duration(Math.floor(waited / replies / 1000))],
    resolution: percentile(rows.map(resolution), 50),
    abandonment: [percent(ended.filter((row) => !row.first_human_at).length, ended.length)],
    no_agent: [percent(ended.filter((row) => ["no_agent_timeout", "out_of_hours"].includes(row.end_reason)).length, ended.length)],
    repeat_day: [percent(back(1), rows.length)],
    repeat_week: [percent(back(7), rows.length)],
  };
}

/** How many rows stand behind a tile; a tile without any is no link. */
export function behind(rows) {
  const count = (takes) => rows.filter(takes).length;
  const answered = count((row) => row.first_human_at);
  const back = (days) => (row) => row.previous && Date.parse(row.requested_at) - Date.parse(row.previous) <= days * DAY_MS;
  return {
    handoffs: rows.length,
    handoff_rate: count((row) => row.first),
    containment: 0,
    csat: count((row) => row.rating >= 4),
    first_response: answered,
    first_response_p90: answered,
    first_response_p95: answered,
    first_response_open: answered,
    assignment: count((row) => row.accepted_at),
    reply: count((row) => row.ended_at && row.exchange.replies > 0),
    resolution: count((row) => row.accepted_at && row.ended_at),
    abandonment: count((row) => row.ended_at && !row.first_human_at),
    no_agent: count((row) => ["no_agent_timeout", "out_of_hours"].includes(row.end_reason)),
    repeat_day: count(back(1)),
    repeat_week: count(back(7)),
  };
}

/** The bar of the waiting-time chart that a first response belongs to. */
export function band(row) {
  const ms = Date.parse(row.first_human_at) - Date.parse(row.requested_at);
  return [30, 60, 120, 300, 900, 3600, 14_400].filter((end) => ms >= end * 1000).length;
}

/** Day, weekday (0 = Monday) and hour of an instant on the company's wall. */
export function onTheWall(instant, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", weekday: "short",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(new Date(instant));
  const of = (type) => parts.find((part) => part.type === type).value;
  return {
    day: `${of("year")}-${of("month")}-${of("day")}`,
    weekday: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(of("weekday")),
    hour: Number(of("hour")),
    text: `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}:${of("second")}`,
  };
}

/** How often each key occurs. */
export function tally(rows, keyOf) {
  const counts = new Map();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return counts;
}
