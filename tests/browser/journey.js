// A company's journey in a real browser, from the sign-up form to a finished handoff on every
// channel, and then every screen in several looks.
import { besideLine } from "./beside.js";
import { Book } from "./book.js";
import { newCompany } from "./company.js";
import { startDemo } from "./demo.js";
import { figures } from "./figures.js";
import { hostile } from "./hostile.js";
import { ownAccount } from "./identity.js";
import { listen } from "./listener.js";
import { inspect, logIn, openBrowser, openPage, sayOnPhone } from "./page.js";
import { everyChannel } from "./ring.js";
import { operations } from "./operations.js";
import { nobodyComes, outcomes } from "./outcomes.js";
import { practice } from "./practice.js";
import { preferences } from "./preferences.js";
import { operator } from "./operator.js";
import { LOOKS, everyScreen } from "./screens.js";
import { fresh, otherStates } from "./states.js";
import { analyst } from "./team.js";

async function buildRule(browser, addresses) {
  const { page, context } = await openPage(browser);
  await logIn(page, addresses);
  await page.goto(`${addresses.relevo}/rules/new?preset=person`);
  await page.getByRole("button", { name: "Agregar condición" }).click();
  await page.locator("select[name='c.1.type']").selectOption("bot_fallbacks");
  await page.locator("input[name='c.1.a']").waitFor();
  await page.locator("#try_text").fill("quiero hablar con una persona");
  await page.getByRole("button", { name: "Probar" }).click();
  await page.getByText("Se cumple «").first().waitFor();
  await page.getByRole("button", { name: "Guardar regla" }).last().click();
  await page.waitForURL("**/rules");
  await context.close();
}

/** The rules as they are, on the past that the company has by now: four people asked for one. */
async function replayThePast(browser, addresses) {
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, addresses);
  await page.goto(`${addresses.relevo}/rules/backtest`);
  await page.getByRole("button", { name: "Mirar el pasado" }).click();
  await page.locator("#backtest .figures").waitFor();
  const numbers = await page.locator("#backtest .figures b").allTextContents();
  if (numbers.join() !== "4,4,0,0") throw new Error(`the past says ${numbers}`);
  await inspect(page, "back-test");
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
}

/** A contact writes while a member watches: the open page follows by itself. */
async function watchLive(browser, addresses) {
  const phone = await openPage(browser);
  await phone.page.goto(addresses.phone);
  await phone.page.locator("#text").waitFor();
  await sayOnPhone(phone.page, "hola");
  // The bot has answered, so the conversation is there to be listed.
  await phone.page.getByText("Soy el asistente").first().waitFor();
  const { page, complaints, context } = await openPage(browser);
  // On a slow line the part that makes the page live comes last; live it must be all the same.
  await page.route("**/hx-sse.min.js*", async (route) => {
    await new Promise((later) => setTimeout(later, 500));
    await route.continue();
  });
  await logIn(page, addresses);
  await page.goto(`${addresses.relevo}/conversations`);
  await page.locator("a.talk").first().waitFor();
  await page.locator("a.talk").first().click();
  await page.locator("#control", { hasText: "Con el bot" }).waitFor();
  await sayOnPhone(phone.page, "quiero hablar con una persona");
  await page.locator("#thread .contact .bubble", { hasText: "quiero hablar con una persona" }).waitFor();
  await page.locator("#control", { hasText: "Esperando agente" }).waitFor();
  const back = page.locator("#actions").getByRole("button", { name: "Devolver al bot" });
  await back.waitFor();
  await inspect(page, "conversation, live");
  const seen = await page.locator("#thread > .msg").evaluateAll((all) => all.map((m) => m.id));
  if (new Set(seen).size !== seen.length) throw new Error(`shown twice: ${seen}`);
  await back.click();
  await page.locator("#control", { hasText: "Con el bot" }).waitFor();
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
  await phone.context.close();
}

const binary = process.env.RELEVO_BIN || "../../target/debug/relevo";
const demo = await startDemo(binary);
const browser = await openBrowser();
const ear = await listen();
try {
  await watchLive(browser, demo.addresses);
  // Companies of their own that meet nobody: they need not wait for the other.
  const aside = fresh(browser, demo.addresses).then(() => ownAccount(browser, demo.addresses));
  aside.catch(() => {});
  const company = await newCompany(browser, demo.addresses);
  const book = new Book();
  await everyChannel(browser, company, { book });
  await replayThePast(browser, company);
  const nobodyCame = await nobodyComes(browser, company, book);
  const { line, api } = await besideLine(browser, company, ear, book);
  await practice(browser, company);
  const endTheOpen = await outcomes(browser, company, book, api, line);
  await nobodyCame();
  await figures(browser, company, book, api);
  await endTheOpen();
  await figures(browser, company, book, api, { everySide: false });
  await analyst(browser, company);
  await preferences(browser, company);
  for (const look of LOOKS) await everyScreen(browser, company, look);
  await otherStates(browser, company);
  await operations(browser, company, api);
  await hostile(browser, demo.addresses, demo.admin);
  await operator(browser, demo.addresses, company, demo.admin);
  await aside;
  await buildRule(browser, demo.addresses);
  console.log("journey: ok");
} catch (error) {
  // What the pages showed when it happened: PICTURES names a folder for it.
  const pages = browser.contexts().flatMap((context) => context.pages());
  const folder = process.env.PICTURES;
  if (folder) for (const [n, page] of pages.entries()) await page.screenshot({ path: `${folder}/failed-${n}.png` });
  throw error;
} finally {
  await browser.close();
  await ear.stop();
  await demo.stop();
}
