// Screens in other states than full: of a company that has nothing yet, with a form that was
// refused, with nothing found, with a question, with a refusal. Each is looked at twice.
import { inspectTwice, logIn, openPage, unchecked, unexpected } from "./page.js";
import { fault } from "./people.js";

/** What the mail's way looks like before and after it was gone once. */
async function mailAndLinks(page, relevo, who) {
  await page.goto(`${relevo}/signup`);
  await page.locator("#company").fill(who.name);
  await page.locator("#name").fill(who.owner);
  await page.locator("#email").fill("esto no es un correo");
  await page.locator("#password").fill("corta");
  await unchecked(page);
  await page.locator("button.primary").click();
  await page.locator("#email-error").waitFor();
  await page.locator("#password-error").waitFor();
  await kept(page, { company: who.name, name: who.owner, email: "esto no es un correo" });
  await inspectTwice(page, "sign-up, refused");
  await page.locator("#email").fill(who.email);
  await page.locator("#password").fill(who.password);
  await page.locator("button.primary").click();
  await page.getByRole("heading", { name: "Revisa tu correo" }).waitFor();
  await inspectTwice(page, "mail sent");
  await page.goto(`${relevo}/login`);
  await page.locator("#email").fill(who.email);
  await page.locator("#password").fill("otra que no es");
  await page.getByRole("button", { name: "Entrar" }).click();
  await page.locator("[role=alert]").waitFor();
  await kept(page, { email: who.email });
  await inspectTwice(page, "login, refused");
  await page.locator("#password").fill(who.password);
  await page.getByRole("button", { name: "Entrar" }).click();
  await page.getByText("Antes de entrar, confirma tu correo").waitFor();
  await inspectTwice(page, "address not proven");
  await page.goto(`${relevo}/outbox`);
  await inspectTwice(page, "outbox");
  await page.locator("article.mail", { hasText: who.email }).first().locator("a[href^='/confirm/']").click();
  const link = page.url();
  await inspectTwice(page, "confirm the address");
  await page.getByRole("button", { name: "Confirmar mi correo" }).click();
  await page.waitForURL(`${relevo}/`);
  for (const gone of [link, `${relevo}/reset/nada`, `${relevo}/join/nada`, `${relevo}/history/nada`]) {
    await page.goto(gone);
    await inspectTwice(page, `a link that is over: ${new URL(gone).pathname.slice(0, 10)}`);
  }
}

/** The fields still say what was typed. */
async function kept(page, fields) {
  for (const [name, wanted] of Object.entries(fields)) {
    const got = await page.locator(`[name='${name}']`).first().inputValue();
    if (got !== wanted) throw new Error(`${name} was forgotten: ${got}`);
  }
}

const EMPTY = [
  "/", "/conversations", "/handoffs", "/dashboard", "/dashboard/operations", "/rules", "/rules/versions",
  "/rules/backtest", "/channels", "/desk", "/desk/doctor", "/test-chat", "/settings/developers", "/settings/audit",
];

const NOTHING_FOUND = [
  "/conversations?q=zzyzx", "/conversations?state=active&failed=1", "/conversations?tag=nadie",
  "/handoffs?rating=3", "/handoffs?q=&period=custom&from=2001-01-01&to=2001-01-02",
  "/dashboard?period=custom&from=2001-01-01&to=2001-01-02", "/dashboard/operations?period=custom&from=2001-01-01&to=2001-01-02",
];

async function look(page, relevo, paths, status = 200) {
  for (const path of paths) {
    const answer = await page.goto(relevo + path);
    if (answer.status() !== status) throw new Error(`${path}: ${answer.status()}`);
    await inspectTwice(page, path);
  }
}

/** Forms that are refused: where, what is typed, which button, what must say why. */
const REFUSED = [
  ["/channels/new/telegram", { name: "Mi bot", token: "no es un token" }, "Comprobar y conectar", ".error, [role=alert]", ["name"]],
  ["/channels/new/whatsapp", { name: "Mi número", phone_number_id: "abc", waba_id: "", access_token: "x" }, "Comprobar y conectar", ".error", ["name", "phone_number_id"]],
  ["/channels/new/messenger", { name: "Mi página", page_id: "" }, "Comprobar y conectar", ".error", ["name"]],
  ["/channels/new/instagram", { name: "Mi cuenta", account_id: "12" }, "Comprobar y conectar", ".error", ["name", "account_id"]],
  ["/desk", { base_url: "no es una dirección", organization_id: "muchas" }, "Guardar y probar", ".error", ["base_url", "organization_id"]],
  ["/rules/new", { name: "" }, "Guardar regla", ".error", []],
  ["/settings", { client_email: "sin arroba ni nada", no_agent_minutes: "-3" }, "Guardar", ".error", ["client_email"]],
  ["/settings/hours", { holidays: "mañana mismo" }, "Guardar", ".error", ["holidays"]],
  ["/settings/team", { email: "nadie" }, "Invitar", ".error", ["email"]],
  ["/settings/developers", { key_name: "" }, "Crear clave", ".error", []],
  ["/settings/developers", { events_url: "ftp://no" }, "Guardar", ".error", ["events_url"]],
  ["/account/security", { old_password: "no era esta", new_password: "corta" }, "Cambiar contraseña", ".error", []],
];

async function refusals(page, relevo) {
  for (const [path, fields, button, why, keeps] of REFUSED) {
    await page.goto(relevo + path);
    for (const [name, value] of Object.entries(fields)) await page.locator(`[name='${name}']`).first().fill(value);
    await unchecked(page);
    await page.getByRole("button", { name: button, exact: true }).last().click();
    await page.locator(`main :is(${why})`).first().waitFor().catch(() => { throw new Error(`${path}: nobody says why`); });
    await kept(page, Object.fromEntries(keeps.map((name) => [name, fields[name]])));
    await inspectTwice(page, `${path}, refused`);
  }
}

/** Two members change the same rule; the second is told and may choose. */
async function conflict(page, relevo) {
  const second = await page.context().newPage();
  await page.goto(`${relevo}/rules`);
  const rule = await page.locator("a[href^='/rules/0']").first().getAttribute("href");
  for (const one of [page, second]) await one.goto(relevo + rule);
  const name = await page.locator("#name").inputValue();
  await page.locator("#name").fill(`${name} ya`);
  await page.getByRole("button", { name: "Guardar regla" }).last().click();
  await page.waitForURL("**/rules");
  await second.locator("#name").fill(`${name} ahora`);
  await second.getByRole("button", { name: "Guardar regla" }).last().click();
  await second.getByRole("button", { name: "Guardar la mía" }).or(second.locator("[role=alert] button")).first().waitFor();
  await kept(second, { name: `${name} ahora` });
  await inspectTwice(second, "rule, changed by somebody else");
  await second.locator("#name").fill(name);
  await second.locator("[role=alert] button").click();
  await second.waitForURL("**/rules");
  await second.close();
}

/** Runs the doctor until it says `wanted` of the whole. */
async function doctor(page, relevo, path, tone) {
  await page.goto(relevo + path);
  await page.locator(`form[action='${path}'] button.primary`).click();
  await page.locator(`ol.findings li`).first().waitFor();
  const said = await page.locator("section[aria-labelledby=doctor-checks-title] > .note").first().getAttribute("class");
  if (!said.includes(tone)) throw new Error(`${path}: the doctor says ${said}`);
  await inspectTwice(page, `${path}, ${tone}`);
}

async function doctors(page, company) {
  const { relevo } = company;
  await doctor(page, relevo, "/desk/doctor", "ok");
  for (const line of company.lines) await doctor(page, relevo, `/channels/${line.channel}/doctor`, "");
  const telegram = company.lines.find((line) => line.kind === "telegram");
  const refuses = { kind: "status", status: 401, body: '{"ok":false,"error_code":401,"description":"Unauthorized"}' };
  await fault(company, { service: "telegram", match: { path_contains: "getMe" }, action: refuses, times: 1 });
  await doctor(page, relevo, `/channels/${telegram.channel}/doctor`, "danger");
  await doctor(page, relevo, `/channels/${telegram.channel}/doctor`, "ok");
}

/** Questions before what cannot be undone, and what may be taken back. */
async function questions(page, company) {
  const { relevo } = company;
  await page.goto(`${relevo}/settings/team`);
  await page.locator("a[href$='/remove']").first().click();
  await inspectTwice(page, "remove a member?");
  await page.goto(`${relevo}/rules`);
  await page.locator("a[href$='/delete']").first().click();
  await inspectTwice(page, "delete a rule?");
  await page.goto(`${relevo}/settings/data/leave`);
  await inspectTwice(page, "delete the company, lines connected");
  const form = { csrf: await page.locator("input[name=csrf]").first().inputValue() };
  const all = await page.request.post(`${relevo}/settings/data/export`, { form });
  const lines = (await all.text()).trim().split("\n").map((line) => JSON.parse(line));
  if (lines.length < 50) throw new Error(`everything of the company is ${lines.length} documents`);
}

/** The transcript as paper has it: the facts and what was said, no navigation. */
async function onPaper(page, relevo) {
  await page.goto(`${relevo}/handoffs`);
  await page.locator("a[href^='/handoffs/0']").last().click();
  await page.locator(".transcript").waitFor();
  await page.emulateMedia({ media: "print" });
  for (const gone of ["header.side", "[data-print]"]) {
    if (await page.locator(gone).first().isVisible()) throw new Error(`printed: ${gone}`);
  }
  await page.locator(".print-only").waitFor();
  await page.emulateMedia({ media: "screen" });
  await inspectTwice(page, "transcript");
}

/** A company that leaves: asked by its name, told on every screen, taken back. */
async function leaving(page, relevo, name) {
  await page.goto(`${relevo}/settings/data/leave`);
  await inspectTwice(page, "delete the company?");
  await page.locator("main input[type=text]").fill("otro nombre");
  await page.getByRole("button", { name: "Eliminar en siete días" }).click();
  await page.locator(".error").first().waitFor();
  await inspectTwice(page, "delete the company, refused");
  await page.locator("main input[type=text]").fill(name);
  await page.getByRole("button", { name: "Eliminar en siete días" }).click();
  await page.getByText("se eliminará por completo el").first().waitFor();
  await inspectTwice(page, "leaving");
  await look(page, relevo, ["/"]);
  await page.goto(`${relevo}/settings/data`);
  await page.getByRole("button", { name: "Cancelar la eliminación" }).click();
  await page.getByText("La eliminación está cancelada.").waitFor();
}

/** A company that has just signed up: every list is empty, every form may be refused. */
export async function fresh(browser, { relevo }) {
  const { page, complaints, context } = await openPage(browser);
  const who = { name: "Vacía y Cía.", owner: "Noa Vega", email: "noa@vacia.test", password: "una clave larga" };
  await mailAndLinks(page, relevo, who);
  await look(page, relevo, EMPTY);
  await refusals(page, relevo);
  await leaving(page, relevo, who.name);
  await look(page, relevo, ["/no-hay-nada-aqui", "/conversations/00000000-0000-0000-0000-000000000000"], 404);
  const left = unexpected(complaints);
  if (left.length > 0) throw new Error(left.join("\n"));
  await context.close();
  console.log("states of a fresh company: ok");
}

/** The other states of a company that is in full swing. */
export async function otherStates(browser, company) {
  const { relevo } = company;
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, company);
  await look(page, relevo, NOTHING_FOUND);
  await conflict(page, relevo);
  await doctors(page, company);
  await questions(page, company);
  await onPaper(page, relevo);
  const forged = await page.request.post(`${relevo}/rules/order`, { form: { csrf: "no" }, maxRedirects: 0 });
  if (forged.status() !== 403) throw new Error(`a forged form: ${forged.status()}`);
  const left = unexpected(complaints);
  if (left.length > 0) throw new Error(left.join("\n"));
  await context.close();
  console.log("other states: ok");
}
