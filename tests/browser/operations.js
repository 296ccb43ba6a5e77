// How messages travelled: the tab's numbers against the messages as the API tells them, and against
// the troubles that were made on purpose. They appear a minute or two later, so this comes last.
import { exported } from "./exports.js";
import { inspect, logIn, openPage } from "./page.js";
import { until } from "./people.js";
import { messagesOf } from "./rest.js";

/** One message was refused, one needed a second try, one came twice: all on Telegram (`outcomes`). */
const TROUBLE = { failed: "1", retried: "1" };
const NO_TROUBLE = { failed: "0", retried: "0" };

/** What went through the outbox, both ways, by line. */
async function travelled(page, relevo, api) {
  const ways = new Map();
  const through = (message) => ["sent", "delivered", "read"].includes(message.status);
  const rows = await exported(page, relevo);
  const talks = new Map(rows.map((row) => [row.conversation_id, row.channel]));
  for (const [talk, { id, kind }] of talks) {
    const way = ways.get(id) ?? { kind, toDesk: 0, toContact: 0 };
    ways.set(id, way);
    for (const message of await messagesOf(api, talk)) {
      // What asked for the person goes with the story; a word that ends it all goes nowhere.
      const posted = message.author === "contact" && message.handoff && through(message);
      const sent = ["agent", "system"].includes(message.author) && through(message);
      if (posted) way.toDesk += 1;
      // On a line that the bot keeps, a signed event is the delivery.
      if (sent && kind !== "api") way.toContact += 1;
    }
  }
  return ways;
}

/** The tab as it stands: tiles by name, and the bars of each way added up. */
async function shown(page, relevo, channel) {
  await page.goto(`${relevo}/dashboard/operations?channel=${channel}`);
  const bars = (chart) =>
    page.locator(`section[aria-labelledby=${chart}] td.num:nth-child(2)`).evaluateAll((all) =>
      all.reduce((sum, cell) => sum + Number(cell.textContent.replace(".", "")), 0));
  const tiles = await page.locator("li.tile").evaluateAll((all) =>
    Object.fromEntries(all.map((tile) => [tile.id.replace("tile-", ""), tile.querySelector(".value").textContent.trim()])));
  return { ...tiles, toDesk: await bars("chart-desk"), toContact: await bars("chart-contact") };
}

export async function operations(browser, company, api) {
  const { relevo } = company;
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, company);
  const ways = await travelled(page, relevo, api);
  let last = "";
  const agree = async (channel, way) => {
    const trouble = way.kind === "telegram" ? TROUBLE : NO_TROUBLE;
    const wanted = { toDesk: way.toDesk, toContact: way.toContact, ...trouble, waiting: "0", gaps_repaired: "0" };
    const got = await shown(page, relevo, channel);
    const wrong = Object.entries(wanted).filter(([name, value]) => got[name] !== value);
    last = wrong.map(([name, value]) => `${way.kind}: ${name} is ${got[name]} for ${value}`).join("; ");
    return wrong.length === 0 && got;
  };
  const seen = new Map();
  for (const [channel, way] of ways) {
    const got = await until("", () => agree(channel, way)).catch(() => { throw new Error(last); });
    seen.set(way.kind, got);
    for (const [times, count] of [["to_desk", way.toDesk], ["to_contact", way.toContact]]) {
      const told = ["p50", "p95"].map((rank) => got[`${times}_${rank}`]);
      if (told.some((text) => (text === "–") !== (count === 0))) throw new Error(`${way.kind}: ${times} ${told} of ${count}`);
    }
  }
  // Repeats of Let's Talk's stream belong to no line and are shown for every one.
  const repeats = (kind) => Number(seen.get(kind).duplicates);
  if (repeats("telegram") !== repeats("api") + 1) throw new Error(`repeats: ${repeats("telegram")}`);
  await page.goto(`${relevo}/conversations?failed=1`);
  const stuck = await page.locator("a.talk").allTextContents();
  if (stuck.length !== 1 || !stuck[0].includes("Fausto Gil")) throw new Error(`with failures: ${stuck}`);
  await inspect(page, "conversations with failures");
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
  console.log("operations: ok");
}
