// The test chat: a member plays the contact, the practice bot and an agent answer.
import { agentSays, closeTalk, fromContact, offerOptions, takeUp } from "./agent.js";
import { inspect, logIn, openPage } from "./page.js";

async function say(page, text) {
  await page.locator("#tc-text").fill(text);
  await page.getByRole("button", { name: "Enviar" }).click();
}

/** Walks it. Nothing of it goes into the book: a member who tries things is in nobody's figures. */
export async function practice(browser, company) {
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, company);
  await page.goto(`${company.relevo}/test-chat`);
  await inspect(page, "test chat, empty");
  const thread = page.locator("#tc-thread");
  const trace = page.locator("#tc-trace");
  const ofBot = thread.locator(".tc-msg.bot");
  await say(page, "hola");
  await ofBot.first().waitFor();
  await say(page, "quiero hablar con una persona");
  await trace.getByText("En Let's Talk, esperando a un agente").waitFor();

  const watch = await openPage(browser);
  await logIn(watch.page, company);
  await page.getByRole("link", { name: "Ver la conversación" }).waitFor();
  const talk = await page.getByRole("link", { name: "Ver la conversación" }).getAttribute("href");
  await watch.page.goto(company.relevo + talk);
  await watch.page.locator("#control", { hasText: "Esperando agente" }).waitFor();
  const desk = await takeUp(browser, company, "quiero hablar con una persona");
  await agentSays(desk.page, "Hola, te atiende Camila.");
  await thread.locator(".tc-msg.agent").getByText("Hola, te atiende Camila.").waitFor();
  await trace.getByText("Te atiende").waitFor();
  await say(page, "¿Hacen envíos al sur?");
  await fromContact(desk.page).filter({ hasText: "¿Hacen envíos al sur?" }).waitFor();
  await offerOptions(desk.page);
  await thread.getByRole("button", { name: "Cambio" }).click();
  await fromContact(desk.page).filter({ hasText: "Cambio" }).first().waitFor();
  await inspect(page, "test chat, with an agent");
  for (const words of ["Hola, te atiende Camila.", "¿Hacen envíos al sur?", "Cambio"]) {
    await watch.page.locator("#thread").getByText(words).first().waitFor();
  }
  await watch.page.locator("#control", { hasText: "Con un agente" }).waitFor();

  await closeTalk(desk.page);
  await trace.getByText("Ya viste un traspaso completo").waitFor();
  await watch.page.locator("#control", { hasText: "Con el bot" }).waitFor();
  const before = await ofBot.count();
  await say(page, "hola");
  await ofBot.nth(before).waitFor();
  await inspect(page, "test chat, with the bot again");
  complaints.push(...watch.complaints);
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  for (const one of [{ context }, watch, desk]) await one.context.close();
  console.log("ring by hand, test chat: ok");
}
