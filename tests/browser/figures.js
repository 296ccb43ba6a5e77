// Every number of the dashboard against a truth worked out here, in every look at it: the whole,
// one line, one rule, other dates; every chart, and the rows behind every number.
import { filtersHold, rowsAsTheyWere } from "./exports.js";
import { inspect, logIn, openPage } from "./page.js";
import { NOTHING, band, behind, duration, onTheWall, percent, tally, tiles } from "./truth.js";

const clean = (text) => text.trim().replace(/\s+/g, " ");

/** The tiles as shown: words, and how many rows are promised behind them. */
const shownTiles = (page) =>
  page.locator("li.tile").evaluateAll((all) =>
    all.map((tile) => ({
      name: tile.id.replace("tile-", ""),
      value: tile.querySelector(".value").textContent,
      rows: Number(tile.querySelector("a[data-rows]")?.dataset.rows ?? 0),
      formula: tile.querySelector("details.formula p")?.textContent ?? "",
    })));

/** Bars as shown, by what their link chooses; those without a link under "". */
const shownBars = (page, chart) =>
  page.locator(`section[aria-labelledby=${chart}] table.bars tbody tr`).evaluateAll((all) =>
    all.map((row) => ({
      href: row.querySelector("a")?.getAttribute("href") ?? null,
      cells: [...row.querySelectorAll("td")].map((cell) => cell.textContent),
    })));

function tilesAreTrue(shown, rows, started, options) {
  const wanted = tiles(rows, started, options);
  const count = behind(rows);
  const names = Object.keys(wanted);
  const problems = [];
  if (shown.map((tile) => tile.name).sort().join() !== [...names].sort().join()) problems.push(`tiles: ${shown.map((t) => t.name)}`);
  for (const { name, value, rows: promised, formula } of shown) {
    if (!wanted[name]?.includes(clean(value))) problems.push(`${name}: says ${clean(value)}, is ${wanted[name]}`);
    if (promised !== count[name]) problems.push(`${name}: promises ${promised} rows, there are ${count[name]}`);
    if (formula.length < 20) problems.push(`${name}: no formula`);
  }
  return problems;
}

/** Bars told apart by a field of their address. */
function barsAreTrue(bars, field, counts, total) {
  const problems = [];
  for (const { href, cells } of bars) {
    const key = href === null ? "" : new URL(href, "http://x").searchParams.get(field);
    const n = counts.get(key) ?? 0;
    const [number, share] = cells.map(clean);
    if (number !== String(n) || share !== percent(n, total)) problems.push(`bar ${field}=${key}: ${number}, ${share}; is ${n} of ${total}`);
    counts.delete(key);
  }
  const left = [...counts].filter(([, n]) => n > 0);
  if (left.length > 0) problems.push(`no bar for ${field}: ${left}`);
  return problems;
}

async function chartsAreTrue(page, rows, zone) {
  const problems = [];
  const bars = async (chart, field, keyOf, of = rows) =>
    problems.push(...barsAreTrue(await shownBars(page, chart), field, tally(of, keyOf), of.length));
  await bars("chart-reason", "reason", (row) => row.reason);
  await bars("chart-rule", "rule", (row) => row.rule?.id ?? "");
  await bars("chart-channel", "channel", (row) => row.channel.id);
  const answered = rows.filter((row) => row.first_human_at);
  const shown = (await shownBars(page, "chart-bands")).map(({ cells }) => cells.map(clean).join());
  const counts = tally(answered, band);
  const wanted = Array.from({ length: 8 }, (_, n) => `${counts.get(n) ?? 0},${percent(counts.get(n) ?? 0, answered.length)}`);
  if (shown.join(";") !== wanted.join(";")) problems.push(`waits: ${shown} for ${wanted}`);

  const days = tally(rows, (row) => onTheWall(row.requested_at, zone).day);
  const drawn = await page.locator("#table-days tbody tr").evaluateAll((all) =>
    all.map((row) => [row.dataset.day, ...[...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))]));
  for (const [day, n, before] of drawn) {
    if (n !== (days.get(day) ?? 0) || before !== 0) problems.push(`${day}: ${n} and ${before} for ${days.get(day)}`);
    days.delete(day);
  }
  if (days.size > 0) problems.push(`days without a point: ${[...days]}`);

  const slots = tally(rows, (row) => { const at = onTheWall(row.requested_at, zone); return `${at.hour}-${at.weekday}`; });
  const heat = await page.locator("table.heat tbody tr").evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
  heat.forEach((row, hour) => row.forEach((n, weekday) => {
    if (n !== (slots.get(`${hour}-${weekday}`) ?? 0)) problems.push(`heat ${weekday} ${hour}: ${n}`);
  }));
  if (heat.length !== 24) problems.push(`${heat.length} hours`);

  const together = [...tally(rows, (row) => [row.reason, row.rule?.name, row.channel.name].join()).values()].sort((a, b) => b - a);
  const combined = await page.locator("section[aria-labelledby=chart-combinations] tbody tr td.num").allTextContents();
  if (combined.join() !== together.slice(0, 12).join()) problems.push(`combinations: ${combined} for ${together}`);
  return problems;
}

/** What is open now, and how long the one that waits longest has waited. */
async function liveIsTrue(page, rows) {
  const open = rows.filter((row) => !row.ended_at);
  const waiting = open.filter((row) => !row.accepted_at);
  const words = async (name) => clean(await page.locator(`#live-${name}`).textContent());
  const problems = [];
  if ((await words("open")) !== String(open.length)) problems.push(`open: ${await words("open")} for ${open.length}`);
  if ((await words("waiting")) !== String(waiting.length)) problems.push(`waiting: ${await words("waiting")} for ${waiting.length}`);
  return { problems, longest: await words("longest"), since: waiting[0]?.requested_at ?? null };
}

/** One look at the dashboard. */
async function look(page, relevo, query, rows, started, zone, options) {
  const before = Date.now();
  await page.goto(`${relevo}/dashboard?${query}`);
  const after = Date.now();
  const problems = tilesAreTrue(await shownTiles(page), rows, started, options);
  problems.push(...(await chartsAreTrue(page, rows, zone)));
  const live = await liveIsTrue(page, rows);
  problems.push(...live.problems);
  const waited = (now) => Math.floor((now - Date.parse(live.since)) / 1000);
  const possible = live.since === null ? [NOTHING] : [];
  if (live.since) for (let s = waited(before); s <= waited(after); s += 1) possible.push(duration(s));
  if (!possible.includes(live.longest)) problems.push(`longest wait: ${live.longest} for ${possible}`);
  if (problems.length > 0) throw new Error(`dashboard?${query}:\n${problems.join("\n")}`);
}

/** Every number opens as many rows as it says. */
async function numbersOpenTheirRows(page, relevo) {
  await page.goto(`${relevo}/dashboard`);
  const numbers = await page.locator("a[data-rows]").evaluateAll((all) => all.map((a) => [a.href, a.dataset.rows]));
  for (const [address, wanted] of new Map(numbers)) {
    const answer = await page.request.get(address);
    const got = (await answer.text()).match(/id="count" data-count="(\d+)"/)?.[1];
    if (got !== wanted) throw new Error(`${address}: ${got} rows behind the number ${wanted}`);
  }
}

/** On a holiday nobody waited within the company's hours. */
async function onAHoliday(page, relevo, day, check) {
  const holidays = async (text) => {
    await page.goto(`${relevo}/settings/hours`);
    await page.locator("#holidays").fill(text);
    await page.locator("button.primary[value=save]").click();
    await page.getByText("Cambios guardados.").waitFor();
  };
  await holidays(day);
  await check();
  await holidays("");
}

async function fromEverySide(page, relevo, rows, book, zone) {
  const startedOn = (channel) => book.started.filter((one) => one.channel === channel).length;
  const today = onTheWall(Date.now(), zone).day;
  const ofToday = rows.filter((row) => onTheWall(row.requested_at, zone).day === today);
  if (ofToday.length === rows.length) {
    const query = `period=custom&from=${today}&to=${today}`;
    await look(page, relevo, query, rows, book.started.length, zone);
    await onAHoliday(page, relevo, today, () => look(page, relevo, query, rows, book.started.length, zone, { open: false }));
  }
  await look(page, relevo, "period=30", rows, book.started.length, zone);
  for (const channel of new Set(rows.map((row) => row.channel.id))) {
    await look(page, relevo, `channel=${channel}`, rows.filter((row) => row.channel.id === channel), startedOn(channel), zone);
  }
  for (const rule of new Set(rows.flatMap((row) => row.rule?.id ?? []))) {
    await look(page, relevo, `rule=${rule}`, rows.filter((row) => row.rule?.id === rule), book.started.length, zone);
  }
  const line = rows[0].channel.id;
  const rule = rows[0].rule.id;
  const both = rows.filter((row) => row.channel.id === line && row.rule?.id === rule);
  await look(page, relevo, `channel=${line}&rule=${rule}`, both, startedOn(line), zone);
  await numbersOpenTheirRows(page, relevo);

}

/** `everySide`: also by line, by rule, on other dates, and the rows behind every number. */
export async function figures(browser, company, book, api, { everySide = true } = {}) {
  const { relevo } = company;
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, company);
  await page.goto(`${relevo}/settings/hours`);
  const zone = await page.locator("#time_zone").inputValue();
  const rows = await rowsAsTheyWere(page, relevo, book, api, zone);
  await filtersHold(page, relevo, rows, zone);

  await look(page, relevo, "", rows, book.started.length, zone);
  if (everySide) await fromEverySide(page, relevo, rows, book, zone);
  await page.goto(`${relevo}/handoffs`);
  await page.locator("a[href^='/handoffs/0']").last().click();
  await page.getByText("quiero hablar con una persona").first().waitFor();
  await inspect(page, "transcript");
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
  console.log(`figures: ok, ${rows.length} handoffs looked at`);
}
