// What else can become of a handoff than a good end: nobody comes, the contact leaves, the member
// takes it back, a rating is good or bad, a message cannot be delivered. Each is written into the
// book. Two handoffs stay open for the dashboard; `end` ends them.
import { randomUUID } from "node:crypto";
import { PERSON } from "./book.js";
import { logIn, openPage } from "./page.js";
import { agentOf, fault, newContact, until } from "./people.js";
import { expect } from "./rest.js";

const ASK = "quiero hablar con una persona";
const INVOICES = { rule: "Facturas", reason: "keyword" };

/** Changes the company's policy by what `fill` does to its form. */
async function policy(page, relevo, fill) {
  await page.goto(`${relevo}/settings`);
  await fill(page);
  await page.getByRole("button", { name: "Guardar" }).last().click();
  await page.getByText("Cambios guardados.").waitFor();
}

async function ruleForInvoices(page, relevo) {
  await page.goto(`${relevo}/rules/new`);
  await page.locator("#name").fill(INVOICES.rule);
  await page.locator("[name='c.0.a']").fill("factura\nboleta");
  await page.getByRole("button", { name: "Guardar regla" }).last().click();
  await page.waitForURL("**/rules");
}

/** The viewer of somebody's conversation, by name. */
async function viewerOf(page, relevo, name) {
  await page.goto(`${relevo}/conversations?q=`);
  await page.locator("a.talk", { hasText: name }).first().click();
  await page.locator("#control").waitFor();
}

async function withBot(page, relevo, name) {
  await viewerOf(page, relevo, name);
  await page.locator("#control", { hasText: "Con el bot" }).waitFor();
}

/** Asks, is answered, and says afterwards how it was; then asks again with other words. */
async function twoRatings({ company, book, agent, line }) {
  const rita = await newContact(company, line, "Rita Ferrer");
  book.begins(line, rita.name);
  await rita.greets();
  for (const [words, rule, stars] of [[ASK, PERSON, 5], ["mi factura está mal", INVOICES, 2]]) {
    const episode = book.asked(line, rita.name, rule);
    await rita.says(words);
    const talk = await agent.takes(rita.name);
    await talk.says(`Hola, Rita: por tus ${stars}`);
    await rita.hears(`por tus ${stars}`);
    await rita.says(`una duda más, la ${stars}`);
    await talk.hears(`una duda más, la ${stars}`);
    await talk.says(`Claro, la ${stars}`);
    await rita.hears(`Claro, la ${stars}`);
    const before = (await rita.heard()).length;
    await talk.closes();
    // The question, and after the answer the thanks.
    await until("the rating question", async () => (await rita.heard()).length > before);
    await rita.says(String(stars));
    await until("the thanks", async () => (await rita.heard()).length > before + 1);
    Object.assign(episode, { accepted: true, answered: true, end: "agent_closed", rating: stars, said: 1, replied: 2 });
  }
}

/** Gives up waiting, by the word that the company has chosen. */
async function leaves({ company, book, agent, line, page }) {
  const abel = await newContact(company, line, "Abel Muñoz");
  book.begins(line, abel.name);
  await abel.greets();
  const episode = book.asked(line, abel.name, PERSON);
  await abel.says(ASK);
  await agent.waiting(abel.name);
  await abel.says("salir");
  await withBot(page, company.relevo, abel.name);
  Object.assign(episode, { end: "user_ended" });
}

/** The bot hands somebody over who has not said a word; the agent closes without one. */
async function notAWord({ book, agent, api, beside }) {
  const name = "Vera Sala";
  book.begins(beside, name);
  const asked = { channel: beside.channel, contact: "visitante-90", title: "Sin palabras", reason: "bot_api" };
  const episode = book.asked(beside, name, { reason: "bot_api" });
  const { handoff } = expect(await api.post("/handoffs", asked, randomUUID()), 201, "a handoff by the bot");
  const known = { channel: beside.channel, contact: "visitante-90", name };
  expect(await api.post("/contacts", known), 200, "a contact's name");
  const talk = await agent.takes("visitante-90").catch(() => agent.takes(name));
  const status = async (wanted) => expect(await api.get(`/handoffs/${handoff.id}`), 200, "handoff").handoff.status === wanted;
  await until("the agent in Relevo", () => status("active"));
  await talk.closes();
  await until("the end in Relevo", () => status("ended"));
  Object.assign(episode, { accepted: true, end: "agent_closed", said: 0, replied: 0 });
}

/** The platform refuses a message of the agent for good. */
async function refused({ company, book, agent, line, page }) {
  const name = "Fausto Gil";
  const fausto = await newContact(company, line, name);
  book.begins(line, name);
  await fausto.greets();
  const episode = book.asked(line, name, PERSON);
  await fausto.says(ASK);
  const talk = await agent.takes(name);
  await talk.says("Hola, Fausto");
  await fausto.hears("Hola, Fausto");
  await fault(company, {
    service: "telegram",
    match: { path_contains: "sendMessage", body_contains: "ahí" },
    action: { kind: "status", status: 400, body: '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}' },
    times: 1,
  });
  await talk.says("¿Sigues ahí?");
  await viewerOf(page, company.relevo, name);
  await page.locator("#stuck").waitFor();
  await page.getByRole("button", { name: "Devolver al bot" }).click();
  await page.locator("#control", { hasText: "Con el bot" }).waitFor();
  Object.assign(episode, { accepted: true, answered: true, end: "operator_forced", said: 0, replied: 2 });
}

/** A message that needs a second try, and one that the platform tells twice. */
async function troubleOnTheWay({ company, book, agent, line }) {
  const olga = await newContact(company, line, "Olga Prat");
  book.begins(line, olga.name);
  await olga.greets();
  const episode = book.asked(line, olga.name, PERSON);
  await olga.says(ASK);
  const talk = await agent.takes(olga.name);
  await olga.hears("Te comunico");
  await fault(company, {
    service: "telegram",
    match: { path_contains: "sendMessage" },
    action: { kind: "status", status: 502 },
    times: 1,
  });
  await talk.says("Hola, Olga");
  await olga.hears("Hola, Olga");
  await fault(company, { service: "webhook", action: { kind: "duplicate", copies: 2 }, times: 1 });
  await olga.says("lo digo una vez");
  await talk.hears("lo digo una vez");
  Object.assign(episode, { accepted: true, answered: true });
  return async () => {
    await talk.closes();
    Object.assign(episode, { end: "agent_closed", said: 1, replied: 1 });
  };
}

/** The member hands somebody over who had not asked; nobody has taken it yet. */
async function byHand({ company, book, line, page }) {
  const mora = await newContact(company, line, "Mora Lugo");
  book.begins(line, mora.name);
  await mora.greets();
  await viewerOf(page, company.relevo, mora.name);
  const episode = book.asked(line, mora.name, { reason: "manual" });
  await page.getByRole("button", { name: "Pasar a una persona" }).click();
  await page.locator("#control", { hasText: "Esperando agente" }).waitFor();
  return async () => {
    await viewerOf(page, company.relevo, mora.name);
    await page.getByRole("button", { name: "Devolver al bot" }).click();
    await page.locator("#control", { hasText: "Con el bot" }).waitFor();
    Object.assign(episode, { end: "operator_forced" });
  };
}

/**
 * Somebody asks while the company's patience is a minute, and nobody comes. Answers what waits for
 * the end of it; the other walks need not wait.
 */
export async function nobodyComes(browser, company, book) {
  const { relevo } = company;
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, company);
  const patience = (minutes) => policy(page, relevo, () => page.locator("#no_agent_minutes").fill(minutes));
  await patience("1");
  const nadia = await newContact(company, company.lines.find((it) => it.kind === "telegram"), "Nadia Cruz");
  book.begins(nadia.line, nadia.name);
  await nadia.greets();
  const episode = book.asked(nadia.line, nadia.name, PERSON);
  await nadia.says(ASK);
  await agentOf(company).waiting(nadia.name);
  await patience("15");
  return async () => {
    await nadia.hears("no hay nadie disponible");
    await withBot(page, relevo, nadia.name);
    Object.assign(episode, { end: "no_agent_timeout", said: 0, replied: 0 });
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    await context.close();
  };
}

/**
 * Does all the rest. `api` reads everything and may hand over, `beside` is the line that the bot
 * keeps. Answers what ends the two handoffs that are left open.
 */
export async function outcomes(browser, company, book, api, beside) {
  const { page, complaints, context } = await openPage(browser);
  const { relevo } = company;
  const agent = agentOf(company);
  const on = (kind) => ({
    company, book, agent, api, beside, page,
    line: company.lines.find((it) => it.kind === kind),
  });
  await logIn(page, company);
  await ruleForInvoices(page, relevo);
  await policy(page, relevo, async () => {
    await page.locator("#close_rating").check();
    await page.locator("#end_words").fill("salir");
  });
  const beto = await newContact(company, on("whatsapp").line, "Beto Luna");
  book.begins(beto.line, beto.name);
  await beto.greets();
  await twoRatings(on("telegram"));
  await leaves(on("whatsapp"));
  await notAWord(on("api"));
  await refused(on("telegram"));
  const closes = await troubleOnTheWay(on("telegram"));
  const returns = await byHand(on("whatsapp"));
  console.log(`outcomes: ${book.episodes.length} handoffs of ${book.started.length} people`);
  return async () => {
    await closes();
    await returns();
    await withBot(page, relevo, "Olga Prat");
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    await context.close();
  };
}
