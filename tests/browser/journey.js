// A company's journey in a real browser: every screen opens without a complaint of the browser,
// of axe or of the content policy, in both themes and on a phone.
import { newCompany } from "./company.js";
import { startDemo } from "./demo.js";
import { ownAccount } from "./identity.js";
import { inspect, logIn, openBrowser, openPage, sayOnPhone } from "./page.js";
import { everyChannel } from "./ring.js";

const SCREENS = [
  "/",
  "/conversations",
  "/rules",
  "/rules/new?preset=person",
  "/channels",
  "/channels/new",
  "/channels/new/telegram",
  "/channels/new/whatsapp",
  "/channels/new/messenger",
  "/channels/new/instagram",
  "/channels/new/api",
  "/handoffs",
  "/dashboard",
  "/dashboard/operations",
  "/desk",
  "/account",
  "/account/security",
  "/account/logins",
  "/settings",
  "/settings/hours",
  "/settings/developers",
];

async function everyScreen(browser, addresses, look) {
  const { page, complaints, context } = await openPage(browser, look);
  await logIn(page, addresses);
  for (const screen of SCREENS) {
    await page.goto(addresses.relevo + screen);
    await inspect(page, `${screen} ${JSON.stringify(look)}`);
  }
  await page.goto(`${addresses.relevo}/conversations`);
  const talk = page.locator("a.talk").first();
  if ((await talk.count()) > 0) {
    await talk.click();
    await page.locator("#thread").waitFor();
    await inspect(page, "conversation");
  }
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
}

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

/** A contact writes while a member watches: the open page follows by itself. */
async function watchLive(browser, addresses) {
  const phone = await openPage(browser);
  await phone.page.goto(addresses.phone);
  await phone.page.locator("#text").waitFor();
  await sayOnPhone(phone.page, "hola");
  // The bot has answered, so the conversation is there to be listed.
  await phone.page.getByText("Soy el asistente").first().waitFor();
  const { page, complaints, context } = await openPage(browser);
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
try {
  await watchLive(browser, demo.addresses);
  const company = await newCompany(browser, demo.addresses);
  await everyChannel(browser, company);
  await everyScreen(browser, demo.addresses, { width: 1440 });
  await everyScreen(browser, demo.addresses, { width: 390, dark: true });
  await ownAccount(browser, demo.addresses);
  await buildRule(browser, demo.addresses);
  console.log("journey: ok");
} finally {
  await browser.close();
  await demo.stop();
}
