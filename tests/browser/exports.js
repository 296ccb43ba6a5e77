// The exported files against each other, against the book, and against their own arithmetic.
import { assignment, exchange, firstResponse, inOrder, onTheWall, resolution } from "./truth.js";
import { messagesOf } from "./rest.js";

async function download(page, relevo, file, query) {
  const answer = await page.request.get(`${relevo}/handoffs/export.${file}?${query}`);
  if (!answer.ok()) throw new Error(`export.${file}?${query}: ${answer.status()}`);
  return answer.text();
}

/** The rows of the JSON Lines, newest first as exported. */
export async function exported(page, relevo, query = "") {
  const text = await download(page, relevo, "jsonl", query);
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Records of CSV by RFC 4180. */
function records(text, between) {
  const all = [[]];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') cell += text[(i += 1)];
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === between) { all.at(-1).push(cell); cell = ""; }
    else if (c === "\r" && text[i + 1] === "\n") { all.at(-1).push(cell); cell = ""; all.push([]); i += 1; }
    else cell += c;
  }
  if (all.at(-1).length > 0 || cell) throw new Error("the last record has no end");
  return all.slice(0, -1);
}

/** A row of CSV as JSON Lines would have it; what only people read is left to them. */
function agrees(cells, row, zone) {
  const [id, conversation, contact, channel, , , rule, agent, , rating] = cells;
  const [requested, accepted, human, ended, ...iso] = cells.slice(10, 18);
  const [assigned, first, resolved, said, replied, replies, mean] = cells.slice(18);
  const at = [row.requested_at, row.accepted_at, row.first_human_at, row.ended_at];
  const wall = at.map((instant) => (instant ? onTheWall(instant, zone).text : ""));
  const text = (value) => (value === null || value === undefined ? "" : String(value));
  const pairs = [
    ["id", id, row.id], ["conversation", conversation, row.conversation_id],
    ["contact", contact.replace(/^'/, ""), row.contact.name], ["channel", channel, row.channel.name],
    ["rule", rule, row.rule?.name], ["agent", agent, row.agent?.name], ["rating", rating, row.rating],
    ["requested", requested, wall[0]], ["accepted", accepted, wall[1]], ["human", human, wall[2]], ["ended", ended, wall[3]],
    ...at.map((instant, n) => [`instant ${n}`, iso[n], instant]),
    ["assignment", assigned, assignment(row)], ["first response", first, firstResponse(row)], ["resolution", resolved, resolution(row)],
    ["said", said, row.contact_messages], ["replied", replied, row.agent_messages],
    ["replies", replies, row.replies], ["reply mean", mean, row.reply_mean_seconds],
  ];
  return pairs.filter(([, got, wanted]) => got !== text(wanted)).map(([name, got, wanted]) => `${name}: ${got} for ${wanted}`);
}

async function csvAgrees(page, relevo, rows, query, zone, { excel = false } = {}) {
  let text = await download(page, relevo, "csv", excel ? `${query}&excel=1` : query);
  if (text.startsWith("\ufeff") !== excel) throw new Error("the byte order mark is wrong");
  text = text.replace("\ufeff", "");
  const [head, ...body] = records(text, excel ? ";" : ",");
  if (head.length !== 25 || body.some((cells) => cells.length !== 25)) throw new Error("CSV is ragged");
  if (body.length !== rows.length) throw new Error(`${body.length} rows of CSV, ${rows.length} of JSON`);
  const wrong = body.flatMap((cells, n) => agrees(cells, rows[n], zone));
  if (wrong.length > 0) throw new Error(`CSV: ${wrong.join("; ")}`);
}

/** An exported row against what the book says of it. */
function asWritten(row, episode) {
  const pairs = [
    ["line", row.channel.id, episode.channel], ["contact", row.contact.name, episode.who],
    ["rule", row.rule?.name ?? null, episode.rule], ["reason", row.reason, episode.reason],
    ["accepted", row.accepted_at !== null, episode.accepted], ["answered", row.first_human_at !== null, episode.answered],
    ["end", row.end_reason, episode.end], ["ended", row.ended_at !== null, episode.end !== null],
    ["rating", row.rating, episode.rating],
  ];
  if (episode.end !== null) {
    if (episode.said !== null) pairs.push(["said", row.contact_messages, episode.said]);
    if (episode.replied !== null) pairs.push(["replied", row.agent_messages, episode.replied]);
  }
  const wrong = pairs.filter(([, got, wanted]) => got !== wanted);
  return wrong.map(([name, got, wanted]) => `${episode.who}: ${name} is ${got} and was ${wanted}`);
}

/**
 * All rows, oldest first, each with its exchange counted from the messages; compared with the book
 * and with every file that can be downloaded.
 */
export async function rowsAsTheyWere(page, relevo, book, api, zone) {
  const rows = await exported(page, relevo);
  for (const excel of [false, true]) await csvAgrees(page, relevo, rows, "", zone, { excel });
  const talks = new Map();
  for (const id of new Set(rows.map((row) => row.conversation_id))) talks.set(id, await messagesOf(api, id));
  const told = inOrder(rows).map((row) => ({ ...row, exchange: exchange(talks.get(row.conversation_id), row.id) }));
  const wrong = told.flatMap((row, n) => asWritten(row, book.episodes[n] ?? { who: "nobody in the book" }));
  if (told.length !== book.episodes.length) wrong.push(`${told.length} rows, ${book.episodes.length} in the book`);
  for (const row of told.filter((it) => it.ended_at)) {
    const { said, replied, replies, waitedMs } = row.exchange;
    const mean = replies === 0 ? null : Math.floor(waitedMs / replies / 1000);
    const counted = [said, replied, replies, mean];
    const exportedAs = [row.contact_messages, row.agent_messages, row.replies, row.reply_mean_seconds];
    if (counted.join() !== exportedAs.join()) wrong.push(`${row.contact.name}: said ${counted}, exported ${exportedAs}`);
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return told;
}

/** Each filter of the history lets through what it says, in both files. */
export async function filtersHold(page, relevo, rows, zone) {
  const rule = rows.find((row) => row.rule)?.rule;
  const line = rows[0].channel;
  const agent = rows.find((row) => row.agent)?.agent;
  const cases = [
    [`channel=${line.id}`, (row) => row.channel.id === line.id],
    [`rule=${rule.id}`, (row) => row.rule?.id === rule.id],
    [`agent=${agent.id}`, (row) => row.agent?.id === agent.id],
    ["reason=keyword", (row) => row.reason === "keyword"],
    ["end=no_agent_timeout", (row) => row.end_reason === "no_agent_timeout"],
    ["rating=5", (row) => row.rating === 5],
    ["only=abandoned", (row) => row.ended_at && !row.first_human_at],
    ["only=waiting", (row) => !row.ended_at && !row.accepted_at],
    [`channel=${line.id}&reason=user_request`, (row) => row.channel.id === line.id && row.reason === "user_request"],
    ["period=custom&from=2001-01-01&to=2001-01-31", () => false],
  ];
  for (const [query, takes] of cases) {
    const got = await exported(page, relevo, query);
    const wanted = rows.filter(takes).map((row) => row.id).reverse();
    if (got.map((row) => row.id).join() !== wanted.join()) throw new Error(`${query}: ${got.length} rows for ${wanted.length}`);
    await csvAgrees(page, relevo, got, query, zone);
  }
}
