// Words that would run if a screen believed them, in every field that a contact, a bot, an agent or
// a member can set. Then every screen is opened: the words are there to be read, nothing else.
import { randomUUID } from "node:crypto";
import { makeKey } from "./beside.js";
import { connectDesk, connectLine, signUp } from "./company.js";
import { logIn, openPage } from "./page.js";
import { agentOf, fault, newContact, until } from "./people.js";
import { expect, rest } from "./rest.js";
import { allScreens } from "./screens.js";

const SHORT = '"><img src=x onerror=alert(1)>';
const BAD = `<script>alert(1)</script>${SHORT}`;
const LINK = "javascript:alert(1)";
/** What each field says, so that a screen can be asked for it. */
const bad = (word) => `${word}${BAD}`;

/** Everything that happens in a page and must not; answers what gives it out, once. */
function watched({ page, complaints }) {
  const ran = [];
  page.on("dialog", (dialog) => {
    ran.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith("/x")) ran.push(`a picture was asked for: ${request.url()}`);
  });
  return () => [...ran.splice(0), ...complaints.splice(0).filter((text) => /Content Security Policy|Refused to/.test(text))];
}

/** Elements that only our words could have made, on this page. */
const made = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll("*")) {
      const name = element.localName;
      if (name === "script" && !element.src) found.push("a script of its own");
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith("on")) found.push(`${name} ${attribute}`);
        if (["href", "src", "action", "formaction"].includes(attribute) && /^\s*javascript:/i.test(value)) found.push(`${name} ${value}`);
      }
      if (name === "img" && element.getAttribute("src") === "x") found.push("a picture from nowhere");
    }
    return found;
  });

/** Opens the list and the newest conversation before the words come, so that they come live;
 *  what it answers looks at what came, and at the page behind the agent's link. */
async function follows(browser, company) {
  const opened = await openPage(browser);
  const { page } = opened;
  const ran = watched(opened);
  await logIn(page, company);
  await page.goto(`${company.relevo}/conversations`);
  await page.locator("a.talk", { hasText: "Ana" }).first().click();
  await page.locator("#control", { hasText: "Con el bot" }).waitFor();
  return async (history) => {
    await page.locator("#thread").getByText("y nada más").first().waitFor();
    await page.locator("#thread").getByText(bad("Soy el agente")).first().waitFor();
    const problems = [...(await made(page)), ...ran()].map((what) => `live: ${what}`);
    await page.goto(history);
    await page.getByText(bad("quiero hablar con una persona")).first().waitFor();
    problems.push(...[...(await made(page)), ...ran()].map((what) => `history: ${what}`));
    if (problems.length > 0) throw new Error(problems.join("\n"));
    await opened.context.close();
  };
}

/** The test chat puts in what the server sends while it is open. */
async function inTheTestChat(page, relevo) {
  await page.goto(`${relevo}/test-chat`);
  await page.locator("#tc-text").fill(bad("prueba"));
  await page.getByRole("button", { name: "Enviar" }).click();
  await page.locator("#tc-thread .bot").first().waitFor();
  await page.locator("#tc-thread").getByText(bad("prueba")).first().waitFor();
}

/** The hosting company's pages, and a reason that is shown on every screen of the company. */
async function forTheHost(browser, addresses, admin, name) {
  const { relevo } = addresses;
  const host = await openPage(browser);
  const ran = watched(host);
  const { page } = host;
  await logIn(page, addresses);
  await admin("grant", addresses.email);
  const problems = [];
  const look = async (where) => problems.push(...[...(await made(page)), ...ran()].map((what) => `${where}: ${what}`));
  await page.goto(`${relevo}/operator?q=${encodeURIComponent(BAD)}`);
  await look("operator, searched");
  await page.goto(`${relevo}/operator`);
  await look("operator");
  await page.getByRole("link", { name }).click();
  await page.locator("form[action$='/suspend'] :is(input:not([type=hidden]), textarea)").first().fill(bad("motivo"));
  await page.locator("form[action$='/suspend'] button").click();
  await page.locator("form[action$='/resume']").waitFor();
  await look("tenant");
  const resume = async () => {
    await page.locator("form[action$='/resume'] button").click();
    await page.locator("form[action$='/enter'] button").click();
    await page.locator(".viewing").waitFor();
    await look("as support");
    await page.locator(".viewing button").click();
    await admin("revoke", addresses.email);
    await host.context.close();
    return problems;
  };
  return resume;
}

/** What a contact, an agent and a bot can say and be called. */
async function conversation(browser, company, line, api, channel) {
  const contact = await newContact(company, line, bad("Ana"));
  await contact.says(bad("hola"));
  await until("the bot's answer", async () => (await contact.heard()).length > 0);
  const live = await follows(browser, company);
  await contact.says(bad("quiero hablar con una persona"));
  const talk = await agentOf(company).takes(contact.name);
  const bytes = Buffer.from("%PDF-1.4\n%%EOF\n");
  await talk.says(bad("Soy el agente"));
  await talk.attaches(`${SHORT}.pdf`, "application/pdf", bytes);
  await talk.notes(bad("nota"));
  await contact.hears("Soy el agente");
  const data = bytes.toString("base64");
  await contact.does({ type: "document", data, mime: "application/pdf", name: `${SHORT}.pdf`, caption: bad("pie") });
  await contact.does({ type: "location", latitude: 1, longitude: 2, name: bad("Plaza"), address: bad("Calle") });
  await contact.does({ type: "contact", name: bad("Bruno"), phone: "+549115555" });
  await fault(company, {
    service: "telegram",
    match: { path_contains: "sendMessage", body_contains: "falla" },
    action: { kind: "status", status: 400, body: JSON.stringify({ ok: false, error_code: 400, description: bad("Bad Request: chat not found") }) },
    times: 1,
  });
  await talk.says("esto falla");
  await contact.says("y nada más");
  await talk.hears("y nada más");
  await live(await talk.link());

  const who = { channel, contact: `visita ${SHORT}` };
  const profile = { ...who, name: bad("Eva"), email: `${SHORT}@x.test`, phone: SHORT, language: "es", attributes: { [SHORT]: bad("plan") }, tags: [SHORT] };
  const say = async (body) => expect(await api.post("/messages", { ...who, ...body }), 201, "a hostile word");
  await say({ author: "contact", text: bad("de la web"), external_id: SHORT.slice(0, 40) });
  await api.post("/contacts", profile);
  const items = [
    { label: bad("sí"), action: { type: "reply", message: bad("sí") } },
    { label: bad("ver"), action: { type: "link", url: LINK } },
  ];
  const refused = await api.post("/messages", { ...who, author: "bot", content: { kind: "options", title: bad("¿qué?"), items } });
  // Taken or not: no screen may make a link of it.
  if (![201, 422].includes(refused.status)) throw new Error(`a javascript: link: ${refused.status}`);
  await say({ author: "bot", content: { kind: "options", title: bad("¿qué?"), items: items.slice(0, 1) } });
  await say({ author: "contact", content: { kind: "contacts", cards: [{ name: bad("Bruno"), phones: [SHORT], emails: [SHORT], organization: bad("SA") }] } });
  const asked = { ...who, reason: "bot_api", title: bad("título"), summary: bad("resumen"), notice: bad("aviso"), metadata: { [SHORT]: bad("dato") } };
  expect(await api.post("/handoffs", asked, randomUUID()), 201, "a hostile handoff");
}

/** What members write into forms. */
async function forms(page, relevo) {
  await page.goto(`${relevo}/rules/new`);
  await page.locator("#name").fill(bad("regla"));
  await page.locator("[name='c.0.a']").fill(bad("palabra"));
  await page.locator("#notice").fill(bad("aviso"));
  await page.locator("#title").fill(bad("título"));
  await page.getByRole("button", { name: "Guardar regla" }).last().click();
  await page.waitForURL("**/rules");
  await page.goto(`${relevo}/settings`);
  for (const name of ["requested", "agent_joined", "goodbye", "out_of_hours", "rating_question"]) {
    await page.locator(`#${name}`).fill(bad(name));
  }
  await page.locator("#close_rating").check();
  await page.locator("#end_words").fill(bad("fin"));
  await page.locator("#fallback_phrases").fill(bad("no entiendo"));
  await page.getByRole("button", { name: "Guardar" }).last().click();
  await page.getByText("Cambios guardados.").waitFor();
}

async function beside(page, relevo) {
  await page.goto(`${relevo}/channels/new/api`);
  await page.locator("#name").fill(bad("Web"));
  await page.locator("form.card button.primary").click();
  await page.getByText("Canal conectado.").waitFor();
  const channel = (await page.locator("#api-channel").textContent()).trim();
  const base = (await page.locator("#api-base").textContent()).trim();
  return { channel, base };
}

async function notesAndTags(page, relevo) {
  await page.goto(`${relevo}/conversations`);
  await page.locator("a.talk", { hasText: "Ana" }).first().click();
  await page.locator("#tag").fill(SHORT);
  await page.locator("#tag").press("Enter");
  await page.locator("main .badge, main .chip, main li", { hasText: SHORT }).first().waitFor();
  await page.locator("#note").fill(bad("nota de un miembro"));
  await page.locator("form[action$='/notes'] button").click();
  await page.getByText(bad("nota de un miembro")).first().waitFor();
}

/** Addresses and refused forms that give back what they were given. */
const ECHOES = [
  "/conversations?q=", "/conversations?tag=", "/handoffs?rule=", "/handoffs?only=", "/dashboard?period=custom&from=",
  "/login?next=", "/settings/audit?who=", "/rules/new?preset=", "/channels/new/", "/history/", "/join/",
];

/** A page that believed such words would be noticed; without this nothing would be proven. */
async function sees(browser) {
  const opened = await openPage(browser);
  const ran = watched(opened);
  await opened.page.setContent(`<p>${BAD}<a href="${LINK}">x</a></p>`);
  await until("what ran", async () => (await opened.page.locator("img").count()) > 0);
  const noticed = [...(await made(opened.page)), ...ran()].join("; ");
  for (const what of ["a script of its own", "a picture from nowhere", "img onerror", "a javascript:", "a dialog"]) {
    if (!noticed.includes(what)) throw new Error(`would not be noticed: ${what} (${noticed})`);
  }
  await opened.context.close();
}

export async function hostile(browser, addresses, admin) {
  const { relevo } = addresses;
  const who = { name: bad("Sur"), owner: bad("Inés"), email: "mala@sur.test", password: "una clave bien larga" };
  const owner = await signUp(browser, addresses, who);
  await sees(browser);
  const ran = watched(owner);
  const { page } = owner;
  const desk = await connectDesk(page, addresses, bad("Mesa"), ["Integración", bad("Camila")]);
  await forms(page, relevo);
  await page.goto(`${relevo}/rules/new?preset=person`);
  await page.getByRole("button", { name: "Guardar regla" }).last().click();
  await page.waitForURL("**/rules");
  const line = await connectLine(page, addresses, "telegram", bad("Sur"));
  const { channel, base } = await beside(page, relevo);
  const api = rest(base, await makeKey(page, relevo, bad("clave"), ["read", "handoffs", "messages"]));
  const company = { ...addresses, ...who, agent: `${addresses.console}/agent?agent=${desk.agents.at(-1).user_id}` };
  await conversation(browser, company, line, api, channel);
  await notesAndTags(page, relevo);
  await inTheTestChat(page, relevo);
  const again = await openPage(browser, { userAgent: bad("Mozilla/5.0") });
  const elsewhere = watched(again);
  await again.page.goto(`${relevo}/login?next=${encodeURIComponent(LINK)}`);
  await logIn(again.page, company);

  const problems = [];
  let read = 0;
  const open = async (path) => {
    await page.goto(relevo + path);
    problems.push(...[...(await made(page)), ...ran()].map((what) => `${path}: ${what}`));
    if ((await page.locator("body").innerText()).includes("<img src=x onerror")) read += 1;
  };
  const screens = await allScreens(page, relevo);
  await page.goto(`${relevo}/conversations`);
  const talks = await page.locator("a.talk").evaluateAll((all) => all.map((a) => a.getAttribute("href").split(/[?#]/)[0]));
  for (const path of [...new Set([...screens, ...talks, ...talks.map((talk) => `${talk}/erase`)])]) await open(path);
  for (const path of ECHOES) await open(path + encodeURIComponent(BAD));
  if (new URL(again.page.url()).origin !== relevo) problems.push(`the login leads to ${again.page.url()}`);
  problems.push(...elsewhere());
  await again.context.close();
  const resume = await forTheHost(browser, addresses, admin, who.name);
  await open("/");
  await page.getByText(bad("motivo")).first().waitFor();
  problems.push(...(await resume()));
  // The words must have been there to be read, or nothing was proven.
  if (read < 15) problems.push(`only ${read} screens showed the words`);
  if (problems.length > 0) throw new Error([...new Set(problems)].join("\n"));
  await owner.context.close();
  console.log(`hostile words: ok, read on ${read} screens`);
}
