// The agent's page of Let's Talk, by hand.
import { openPage } from "./page.js";

/** Opens the newest open conversation that says `words`, and joins it. */
export async function takeUp(browser, addresses, words) {
  const opened = await openPage(browser);
  const { page } = opened;
  await page.goto(addresses.agent);
  await page.locator("#rows .row").first().click();
  await page.locator(".history").filter({ hasText: words }).waitFor();
  await page.locator("#join").click();
  return opened;
}

export async function agentSays(page, text) {
  await page.locator("#text").fill(text);
  await page.locator("#send").click();
}

/** What the agent sees of the contact, newest last. */
export const fromContact = (page) => page.locator("#messages .line.client");

export async function closeTalk(page) {
  await page.locator("#close").click();
  await page.locator("#close-dialog button[value=ok]").click();
}

/** Offers two answers below «¿Qué prefieres?». */
export async function offerOptions(page) {
  await page.locator("#options").click();
  await page.locator("#list-title").fill("¿Qué prefieres?");
  await page.locator("#items .item-label").nth(0).fill("Cambio");
  await page.locator("#items .item-label").nth(1).fill("Devolución");
  await page.locator("#options-dialog button[value=ok]").click();
}
