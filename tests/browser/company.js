// A new company, from the sign-up form to a line on every channel, by nothing but what the
// screens show.
import { giveToBot, openDesk, openLine, pasteCallback } from "./sandbox.js";
import { openPage } from "./page.js";

const META_FIELDS = [
  "messages",
  "messaging_postbacks",
  "message_echoes",
  "message_reads",
  "message_deliveries",
  "message_reactions",
  "messaging_seen",
];

/** What goes into which field of a channel's form, by the account's own names. */
const FORMS = {
  telegram: (it) => ({ token: it.token }),
  whatsapp: (it) => ({
    phone_number_id: it.phone_number_id,
    waba_id: it.waba_id,
    access_token: it.access_token,
    app_secret: it.app_secret,
  }),
  messenger: (it) => ({
    page_id: it.page_id,
    page_token: it.access_token,
    app_id: it.app_id,
    app_secret: it.app_secret,
  }),
  instagram: (it) => ({
    account_id: it.id,
    page_id: it.page_id,
    token: it.access_token,
    app_id: it.app_id,
    app_secret: it.app_secret,
  }),
};

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`[name='${name}']`).first().fill(String(value));
  }
}

/** Signs a company up, proves the address by the mail in the demo's outbox, and answers its
 *  page, logged in. */
export async function signUp(browser, addresses, company) {
  const opened = await openPage(browser);
  const { page } = opened;
  await page.goto(`${addresses.relevo}/signup`);
  await fill(page, {
    company: company.name,
    name: company.owner,
    email: company.email,
    password: company.password,
  });
  await page.locator("button.primary").click();
  await page.getByRole("heading", { name: "Revisa tu correo" }).waitFor();
  await page.goto(`${addresses.relevo}/outbox`);
  const mail = page.locator("article.mail", { hasText: company.email }).first();
  await mail.locator("a[href^='/confirm/']").click();
  await page.getByRole("button", { name: "Confirmar mi correo" }).click();
  await page.waitForURL(`${addresses.relevo}/`);
  return opened;
}

/** Connects Let's Talk and waits for every step of its test. */
export async function connectDesk(page, addresses, name, agents) {
  const desk = await openDesk(addresses.console, name, agents);
  await page.goto(`${addresses.relevo}/desk`);
  await fill(page, {
    base_url: desk.api_base,
    organization_id: desk.organization_id,
    agent_user_id: desk.user_id,
    agent_key: desk.auth_key,
    consumer_key: desk.consumer_key,
    consumer_token: desk.consumer_token,
    subscribe_key: desk.subscribe_key,
    publish_key: desk.publish_key,
  });
  await page.getByRole("button", { name: "Guardar y probar" }).click();
  await page.getByText("Todo funciona. Ya puedes pasar conversaciones a personas.").waitFor();
  return desk;
}

/** Connects one line with the example bot behind it; answers what the ring needs of it. */
export async function connectLine(page, addresses, kind, name) {
  const account = await openLine(addresses.console, kind, name);
  await page.goto(`${addresses.relevo}/channels/new/${kind}`);
  await fill(page, { name: `${name} ${kind}`, ...FORMS[kind](account) });
  await page.getByRole("button", { name: "Comprobar y conectar" }).click();
  await page.getByText("Canal conectado.").waitFor();
  const channel = page.url().split("/").pop().split("?")[0];
  if (kind !== "telegram") {
    const callback = await page.locator("#callback-url").textContent();
    const token = await page.locator("#verify-token").textContent();
    await pasteCallback(addresses.console, kind, account.id, callback, token, META_FIELDS);
  }
  const subscribe = page.locator("form[action$='/webhook'] button");
  if ((await subscribe.count()) > 0) await subscribe.click();
  await page.getByText("Los mensajes llegan a Relevo.").first().waitFor();
  const proxy = await page.locator("#proxy-base").textContent();
  const bot = await giveToBot(addresses.console, {
    kind,
    account: account.id,
    api_base: proxy,
    token: account.token ?? account.access_token,
    sender: kind === "instagram" ? account.page_id : null,
    app_secret: account.app_secret ?? null,
    name,
  });
  await page.locator("[name='bot_url']").fill(bot.webhook_url);
  await page.getByRole("button", { name: "Guardar" }).first().click();
  await page.locator(".note.ok[role=status]").waitFor();
  return { kind, channel, account: account.id };
}

/** The rule that most begin with: whoever asks for a person gets one. */
async function firstRule(page, addresses) {
  await page.goto(`${addresses.relevo}/rules/new?preset=person`);
  await page.getByRole("button", { name: "Guardar regla" }).last().click();
  await page.waitForURL("**/rules");
}

/** Everything from the sign-up form on; answers addresses as the demo prints them. */
export async function newCompany(browser, addresses) {
  const company = {
    name: "Librería Sur",
    owner: "Inés Soto",
    email: "ines@sur.cl",
    password: "una clave bien larga",
  };
  const { page, context, complaints } = await signUp(browser, addresses, company);
  const desk = await connectDesk(page, addresses, company.name);
  await firstRule(page, addresses);
  const lines = [];
  for (const kind of Object.keys(FORMS)) {
    lines.push(await connectLine(page, addresses, kind, company.name));
  }
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
  const agent = desk.agents.at(-1).user_id;
  return {
    ...addresses,
    company: company.name,
    owner: company.owner,
    email: company.email,
    password: company.password,
    agent: `${addresses.console}/agent?agent=${agent}`,
    lines,
  };
}
