// The ring, by hand: on every channel a contact asks for a human, an agent answers, everything a
// person can send goes both ways, an internal note stays where it is, and closing gives the
// contact back to the bot. The member who watches sees all of it.
import { mkdir, readFile } from "node:fs/promises";
import { agentSays, closeTalk, fromContact, offerOptions } from "./agent.js";
import { PERSON, finished } from "./book.js";
import { inspect, logIn, openPage, sayOnPhone } from "./page.js";

const SAMPLES = new URL("../../crates/sandbox/pages/samples/", import.meta.url);
const LABELS = {
  whatsapp: "WhatsApp",
  telegram: "Telegram",
  messenger: "Messenger",
  instagram: "Instagram",
};

const sample = async (name, mimeType) => ({
  name,
  mimeType,
  buffer: await readFile(new URL(name, SAMPLES)),
});

/** Presses an entry of the phone's «+» sheet. */
async function attachOnPhone(phone, label) {
  await phone.locator("#attach").click();
  await phone.locator("#sheet button", { hasText: label }).first().click();
}

/** What the phone shows of the company, newest last. */
const fromCompany = (phone) => phone.locator("#chat .row.business");

async function openPhone(browser, addresses, line, name) {
  const opened = await openPage(browser, { width: 1180 });
  await opened.page.goto(addresses.phone);
  const own = opened.page.locator(".line-item", { hasText: addresses.company });
  await own.filter({ hasText: LABELS[line.kind] }).click();
  await opened.page.locator("#chat > *").first().waitFor();
  await opened.page.locator("#add").click();
  await opened.page.locator("#sheet input").fill(name);
  await opened.page.locator("#sheet .go").click();
  await opened.page.locator("#state", { hasText: name }).waitFor();
  return opened;
}

async function answersOfTheBot(phone) {
  await sayOnPhone(phone, "hola");
  await fromCompany(phone).filter({ hasText: "Soy el asistente" }).first().waitFor();
}

/** From the contact to the agent: every kind the issue names. */
async function contactSends(phone, desk, kind) {
  await sayOnPhone(phone, "Llegó roto el molinillo");
  await fromContact(desk).filter({ hasText: "Llegó roto el molinillo" }).waitFor();
  await attachOnPhone(phone, "Foto");
  await fromContact(desk).locator("img.photo").waitFor();
  await attachOnPhone(phone, "Voz");
  await fromContact(desk).locator("audio").waitFor();
  await attachOnPhone(phone, "PDF");
  await fromContact(desk).locator("a.doc").waitFor();
  // Instagram has no places: people paste a map's address.
  if (kind === "instagram") await sayOnPhone(phone, "https://www.google.com/maps?q=-34.6037,-58.3816");
  else await attachOnPhone(phone, "Ubicación");
  await fromContact(desk).locator("a[href*='-34.60']").first().waitFor();
}

/** From the agent to the contact. Let's Talk has no places: an agent sends a map's address. */
async function agentSends(phone, desk, kind) {
  const say = (text) => agentSays(desk, text);
  const file = async (name, mime) => desk.locator("#file").setInputFiles(await sample(name, mime));
  await say("Hola, soy Camila. Ya lo veo.");
  await fromCompany(phone).filter({ hasText: "Hola, soy Camila. Ya lo veo." }).waitFor();
  await file("foto.jpg", "image/jpeg");
  await fromCompany(phone).locator("img:not(.sticker)").waitFor();
  await file("voz.ogg", "audio/ogg");
  // Instagram plays no ogg: there it goes as words with a link that opens it.
  if (kind === "instagram") await opens(fromCompany(phone).filter({ hasText: "voz.ogg" }).locator("a").first(), "audio/");
  else await fromCompany(phone).locator("audio").waitFor();
  await file("presupuesto.pdf", "application/pdf");
  await fromCompany(phone).filter({ hasText: "presupuesto" }).first().waitFor();
  await say("Estamos aquí: https://www.openstreetmap.org/?mlat=-33.44&mlon=-70.65");
  await fromCompany(phone).filter({ hasText: "mlat=-33.44" }).waitFor();
  await offerOptions(desk);
  await tapOption(phone);
  await fromContact(desk).filter({ hasText: "Cambio" }).first().waitFor();
}

/** The link leads to a file of this type, for somebody who is nobody to us. */
async function opens(link, type) {
  const answer = await fetch(await link.getAttribute("href"));
  const got = answer.headers.get("content-type") ?? "";
  if (!answer.ok || !got.startsWith(type)) throw new Error(`the link gives ${answer.status} ${got}`);
  if (answer.url.includes("/history/")) throw new Error("a contact was given the way to the history");
}

async function tapOption(phone) {
  await fromCompany(phone).filter({ hasText: "¿Qué prefieres?" }).first().waitFor();
  await phone.locator(".buttons button, #quick button").filter({ hasText: "Cambio" }).last().click();
}

/** A note among agents reaches neither the phone nor the member who watches as something said. */
async function noteStaysInside(phone, desk) {
  const note = "Ojo: es la tercera queja de este mes";
  await desk.locator("[data-mode=note]").click();
  await agentSays(desk, note);
  await desk.locator("#messages .line.note").filter({ hasText: note }).waitFor();
  await desk.locator("[data-mode=say]").click();
  // What is said after the note arrives after it would have: then it never comes.
  await agentSays(desk, "¿Algo más?");
  await fromCompany(phone).filter({ hasText: "¿Algo más?" }).waitFor();
  if ((await phone.getByText(note).count()) > 0) throw new Error("an internal note reached the phone");
}

async function oneRing(browser, addresses, line, { book, shots }) {
  const name = `Paz ${LABELS[line.kind]}`;
  const phone = await openPhone(browser, addresses, line, name);
  book?.begins(line, name);
  await answersOfTheBot(phone.page);
  const watch = await openPage(browser);
  await logIn(watch.page, addresses);
  await watch.page.goto(`${addresses.relevo}/conversations?channel=${line.channel}`);
  await watch.page.locator("a.talk").first().click();
  await watch.page.locator("#control", { hasText: "Con el bot" }).waitFor();
  const episode = book?.asked(line, name, PERSON);
  await sayOnPhone(phone.page, "quiero hablar con una persona");
  await watch.page.locator("#control", { hasText: "Esperando agente" }).waitFor();

  const desk = await openPage(browser);
  await desk.page.goto(addresses.agent);
  await desk.page.locator("#rows .row").first().click();
  const story = desk.page.locator(".history");
  await story.filter({ hasText: "quiero hablar con una persona" }).waitFor();
  const link = await story.locator("a").first().getAttribute("href");
  const history = await openPage(browser);
  await history.page.goto(link);
  await history.page.getByText("quiero hablar con una persona").first().waitFor();
  await inspect(history.page, `history ${line.kind}`);
  await desk.page.locator("#join").click();

  await agentSends(phone.page, desk.page, line.kind);
  await contactSends(phone.page, desk.page, line.kind);
  await noteStaysInside(phone.page, desk.page);
  await watch.page.locator("#control", { hasText: "Con un agente" }).waitFor();
  const shot = async (page, what) => shots && page.screenshot({ path: `${shots}/${line.kind}-${what}.png` });
  await shot(desk.page, "agent");
  await shot(phone.page, "phone");
  await shot(history.page, "history");

  await closeTalk(desk.page);
  await watch.page.locator("#control", { hasText: "Con el bot" }).waitFor();
  // Six ways of the contact and as many of the agent's, and what was said after the note.
  if (episode) finished(episode, 6, 7);
  await sayOnPhone(phone.page, "gracias");
  const before = await fromCompany(phone.page).count();
  await sayOnPhone(phone.page, "hola");
  await phone.page.waitForFunction((n) => document.querySelectorAll("#chat .row.business").length > n, before);
  await viewerShowsAll(watch.page, line.kind);
  await inspect(watch.page, `viewer ${line.kind}`);
  if (shots) await watch.page.screenshot({ path: `${shots}/${line.kind}-viewer.png`, fullPage: true });
  await shot(phone.page, "phone-after");
  // The agent's page first tries a voice note's own type, which Let's Talk refuses: no complaint.
  const complaints = [...watch.complaints, ...history.complaints];
  if (complaints.length > 0) throw new Error(`${line.kind}: ${complaints.join("\n")}`);
  for (const one of [phone, watch, desk, history]) await one.context.close();
}

async function viewerShowsAll(page) {
  const thread = page.locator("#thread");
  for (const text of [
    "quiero hablar con una persona",
    "Llegó roto el molinillo",
    "Hola, soy Camila. Ya lo veo.",
    "presupuesto.pdf",
    "¿Qué prefieres?",
    "Cambio",
    "¿Algo más?",
  ]) {
    await thread.getByText(text).first().waitFor();
  }
  await thread.locator(".contact img").first().waitFor();
  await thread.locator(".contact audio").first().waitFor();
  await thread.locator(".agent img").first().waitFor();
}

/**
 * Walks a line of each platform. `addresses`: where everything is, the member's login, the
 * company's name and lines. `book` notes what was done, `shots` names a folder for pictures; either
 * may be missing.
 */
export async function everyChannel(browser, addresses, { book, shots } = {}) {
  if (shots) await mkdir(shots, { recursive: true });
  for (const kind of Object.keys(LABELS)) {
    const line = addresses.lines.find((it) => it.kind === kind);
    if (!line) throw new Error(`the company has no ${kind}`);
    await oneRing(browser, addresses, line, { book, shots });
    console.log(`ring by hand, ${kind}: ok`);
  }
}
