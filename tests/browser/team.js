// A member is invited as an analyst, comes in by the link, reads everything and changes nothing.
import { inspect, logIn, openPage } from "./page.js";

async function invited(page, relevo, email) {
  await page.goto(`${relevo}/settings/team`);
  await page.locator("#email").fill(email);
  await page.locator("input[name=role][value=analyst]").check();
  await page.getByRole("button", { name: "Invitar" }).click();
  await inspect(page, "invited");
  return page.locator("#new-link-value").textContent();
}

/** Forms that would change something: all but preferences, log-out and what searches. */
const changing = (page) =>
  page.locator("main form[method=post]").evaluateAll((all) => all.map((f) => f.getAttribute("action")));

export async function analyst(browser, addresses) {
  const { relevo } = addresses;
  const owner = await openPage(browser);
  await logIn(owner.page, addresses);
  const link = await invited(owner.page, relevo, "analista@sur.test");
  const { page, complaints, context } = await openPage(browser);
  await page.goto(link);
  await page.locator("#name").fill("Analía Ríos");
  await page.locator("#password").fill("otra clave muy larga");
  await inspect(page, "join");
  await page.locator("main button.primary, form button.primary").first().click();
  await page.waitForURL(`${relevo}/`);
  for (const path of ["/conversations", "/handoffs", "/dashboard", "/rules", "/channels", "/desk", "/settings"]) {
    const answer = await page.goto(relevo + path);
    if (answer.status() !== 200) throw new Error(`an analyst reads ${path}: ${answer.status()}`);
    await inspect(page, `analyst ${path}`);
  }
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await page.goto(`${relevo}/conversations`);
  await page.locator("a.talk").first().click();
  const conversation = new URL(page.url()).pathname;
  const left = await changing(page);
  if (left.length > 0) throw new Error(`an analyst is offered ${left}`);
  // Not offered, and refused when asked all the same.
  const csrf = await page.locator("input[name=csrf]").first().inputValue();
  for (const path of [`${conversation}/hand-off`, `${conversation}/notes`, "/rules/order", "/settings", "/settings/team/invite"]) {
    const answer = await page.request.post(relevo + path, { form: { csrf }, maxRedirects: 0 });
    if (answer.status() !== 403) throw new Error(`an analyst posts ${path}: ${answer.status()}`);
  }
  await context.close();
  await owner.context.close();
}
