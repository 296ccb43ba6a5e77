// The line that a bot keeps to itself: connected and given a key in the browser, walked by the REST
// API and the signed events, answered on the agent's page, watched in the viewer.
import { readFile } from "node:fs/promises";
import { agentSays, closeTalk, fromContact, offerOptions, takeUp } from "./agent.js";
import { PERSON, finished } from "./book.js";
import { inspect, logIn, openPage } from "./page.js";
import { until } from "./people.js";
import { expect, rest } from "./rest.js";

const PHOTO = new URL("../../crates/sandbox/pages/samples/foto.jpg", import.meta.url);

/** Connects a line of kind `api`; answers its id and the API's address, as the screen shows them. */
async function connectBeside(page, relevo) {
  await page.goto(`${relevo}/channels/new/api`);
  await page.locator("#name").fill("Web propia");
  await page.locator("form.card button.primary").click();
  await page.getByText("Canal conectado.").waitFor();
  return {
    channel: (await page.locator("#api-channel").textContent()).trim(),
    base: (await page.locator("#api-base").textContent()).trim(),
  };
}

/** Makes a key in the browser: `scopes` by name, `lines` by id (none: all of them). */
export async function makeKey(page, relevo, name, scopes, lines = []) {
  await page.goto(`${relevo}/settings/developers`);
  await page.locator("#key_name").fill(name);
  for (const scope of ["read", "handoffs", "messages"]) {
    await page.locator(`[name=scope_${scope}]`).setChecked(scopes.includes(scope));
  }
  for (const line of lines) await page.locator(`[name=channels][value='${line}']`).check();
  await page.getByRole("button", { name: "Crear clave" }).click();
  const key = (await page.locator("#new-key-value").textContent()).trim();
  await inspect(page, `key just made: ${name}`);
  return key;
}

/** Has the company's events sent to `ear`, which learns the secret from the screen. */
async function tellEvents(page, relevo, ear) {
  await page.goto(`${relevo}/settings/developers`);
  await page.locator("#events_url").fill(ear.url);
  await page.getByRole("button", { name: "Guardar" }).click();
  ear.secret = (await page.locator("#events-secret").textContent()).trim();
}

/** What the bot reports until a rule hands the contact over; answers conversation and handoff. */
async function askForPerson(api, channel) {
  const contact = "visitante-81";
  const said = (text, more = {}) => ({ author: "contact", channel, contact, text, ...more });
  const hello = said("hola", { external_id: "web-1", profile: { name: "Ana Ruiz", email: "ana@example.com" } });
  const first = expect(await api.post("/messages", hello, "una-vez"), 201, "a contact's word");
  const again = await api.post("/messages", hello, "una-vez");
  if (!again.replayed || again.body.message !== first.message) throw new Error("a repeat was not known again");
  const reply = { author: "bot", conversation: first.conversation, text: "Hola, soy el bot de la web." };
  expect(await api.post("/messages", reply), 201, "a bot's word");
  const control = `/control?channel=${channel}&contact=${contact}`;
  if (expect(await api.get(control), 200, "control").control !== "bot") throw new Error("not with the bot");
  const asked = said("quiero hablar con una persona", { external_id: "web-2" });
  const handed = expect(await api.post("/messages", asked), 201, "the wish for a person");
  if (handed.control !== "human" || !handed.handoff) throw new Error(`not handed over: ${JSON.stringify(handed)}`);
  return { conversation: first.conversation, handoff: handed.handoff, said, control };
}

/** What agent and contact tell each other, each at the other side. */
async function talk(api, ear, desk, { conversation, said }) {
  const mine = (event) => event.data.conversation.id === conversation;
  const fromAgent = (what, takes) =>
    ear.event(what, (e) => e.type === "message.agent" && mine(e) && takes(e.data.message.content));
  ear.busyFor = "message.agent";
  await agentSays(desk, "Hola Ana, te atiende Camila.");
  await agentSays(desk, "¿En qué te ayudo?");
  const greeting = await fromAgent("the first words", (c) => c.text === "Hola Ana, te atiende Camila.");
  if (greeting.id !== ear.turnedAway[0]?.id) throw new Error("turned away, it came under another id");
  await fromAgent("the second words", (c) => c.text === "¿En qué te ayudo?");
  expect(await api.post("/messages", said("Mi factura llegó dos veces")), 201, "a word to the agent");
  await fromContact(desk).filter({ hasText: "Mi factura llegó dos veces" }).waitFor();
  expect(await api.post("/messages", { ...said(), content: { kind: "location", latitude: -34.6, longitude: -58.38 } }), 201, "a place");
  await fromContact(desk).locator("a[href*='-34.6']").first().waitFor();

  await desk.locator("#file").setInputFiles({ name: "foto.jpg", mimeType: "image/jpeg", buffer: await readFile(PHOTO) });
  const photo = await fromAgent("the photo", (c) => c.kind === "media");
  const file = await api.file(photo.data.message.content.attachment.url);
  if (file.status !== 200 || !file.bytes.equals(await readFile(PHOTO))) throw new Error("the photo is not the photo");
  await offerOptions(desk);
  const offer = await fromAgent("the options", (c) => c.kind === "options");
  const [option] = offer.data.message.content.items;
  const choice = { kind: "choice", label: option.label, payload: option.action.message, offered_in: offer.data.message.id };
  expect(await api.post("/messages", { ...said(), content: choice }), 201, "a tap");
  await fromContact(desk).filter({ hasText: "Cambio" }).first().waitFor();
}

/** What a key may not do. */
async function keyHasLimits(page, { relevo, lines }, base, channel) {
  const reader = rest(base, await makeKey(page, relevo, "solo lectura", ["read"], [channel]));
  const asked = await reader.post("/handoffs", { channel, contact: "visitante-81" });
  if (asked.status !== 403 || asked.body.code !== "out_of_scope") throw new Error(`a reader hands over: ${asked.status}`);
  const other = await reader.get(`/control?channel=${lines[0].channel}&contact=1`);
  if (other.status !== 404) throw new Error(`a key sees another line: ${other.status}`);
  await page.goto(`${relevo}/settings/developers`);
  await page.locator("li", { hasText: "solo lectura" }).getByRole("link", { name: "Revocar" }).click();
  await inspect(page, "revoke a key?");
  await page.getByRole("button", { name: "Revocar" }).click();
  await page.locator(".note.ok[role=status]").waitFor();
  // A key is believed for two seconds without looking again.
  await until("the end of a revoked key", async () =>
    (await reader.get(`/control?channel=${channel}&contact=visitante-81`)).status === 401);
}

/**
 * The walk. `ear` hears the events from here on. Answers the line, as those of the platforms, and
 * an API that reads the whole company.
 */
export async function besideLine(browser, company, ear, book) {
  const { relevo } = company;
  const owner = await openPage(browser);
  await logIn(owner.page, company);
  const { channel, base } = await connectBeside(owner.page, relevo);
  await inspect(owner.page, "line of the API");
  await tellEvents(owner.page, relevo, ear);
  const api = rest(base, await makeKey(owner.page, relevo, "bot de la web", ["read", "handoffs", "messages"], [channel]));

  const line = { kind: "api", channel };
  book.begins(line, "Ana Ruiz");
  const episode = book.asked(line, "Ana Ruiz", PERSON);
  const asked = await askForPerson(api, channel);
  const { conversation, handoff } = asked;
  await ear.event("the request", (e) => e.type === "handoff.requested" && e.data.handoff.id === handoff);
  await ear.event("the notice to the contact", (e) => e.type === "message.system" && e.data.handoff.id === handoff);
  const { page } = owner;
  await page.goto(`${relevo}/conversations?channel=${channel}`);
  await page.locator("a.talk", { hasText: "Ana Ruiz" }).first().click();
  await page.locator("#control", { hasText: "Esperando agente" }).waitFor();
  const desk = await takeUp(browser, company, "quiero hablar con una persona");
  await ear.event("that an agent came", (e) => e.type === "handoff.accepted" && e.data.handoff.id === handoff);
  await page.locator("#control", { hasText: "Con un agente" }).waitFor();
  await talk(api, ear, desk.page, asked);
  for (const words of ["Hola Ana, te atiende Camila.", "¿En qué te ayudo?", "Mi factura llegó dos veces", "¿Qué prefieres?"]) {
    await page.locator("#thread").getByText(words).first().waitFor();
  }
  await page.locator("#thread .agent img").first().waitFor();
  await closeTalk(desk.page);
  const ended = await ear.event("the end", (e) => e.type === "handoff.ended" && e.data.handoff.id === handoff);
  if (ended.data.handoff.end_reason !== "agent_closed") throw new Error(`ended with ${ended.data.handoff.end_reason}`);
  await page.locator("#control", { hasText: "Con el bot" }).waitFor();
  if (expect(await api.get(asked.control), 200, "control").control !== "bot") throw new Error("the bot did not get it back");
  const after = expect(await api.post("/messages", asked.said("gracias")), 201, "a word to the bot");
  if (after.control !== "bot") throw new Error("handed over again");
  await inspect(page, "viewer api");

  const heard = ear.heard.filter((e) => e.data.conversation.id === conversation).map((e) => e.type);
  const story = heard.filter((type) => type !== "message.system").join(" ").replace(/( message\.agent)+/, " …");
  if (story !== "handoff.requested handoff.accepted … handoff.ended") throw new Error(`out of order: ${heard}`);
  if (new Set(ear.heard.map((e) => e.id)).size !== ear.heard.length) throw new Error("an event came twice");
  await keyHasLimits(page, company, base, channel);
  finished(episode, 3, 4);
  const whole = rest(base, await makeKey(page, relevo, "lectura", ["read", "handoffs", "messages"]));
  const complaints = [...owner.complaints, ...ear.problems];
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  for (const one of [owner, desk]) await one.context.close();
  console.log("ring by hand, api: ok");
  return { line, api: whole };
}
