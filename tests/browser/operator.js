// The company that hosts Relevo: all tenants, their limits, a suspension, and a look at a tenant's
// screens under a banner.
import { inspectTwice, logIn, openPage, unchecked, unexpected } from "./page.js";

/** `admin` runs `relevo admin`; the demo's own member becomes the operator. */
export async function operator(browser, addresses, company, admin) {
  const { relevo } = addresses;
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, addresses);
  const before = await page.goto(`${relevo}/operator`);
  if (before.status() !== 404) throw new Error(`/operator for anybody: ${before.status()}`);
  await admin("grant", addresses.email);
  await page.goto(`${relevo}/operator`);
  await inspectTwice(page, "operator");
  await page.goto(`${relevo}/operator?q=zzyzx`);
  await inspectTwice(page, "operator, nothing found");
  await page.goto(`${relevo}/operator`);
  await page.getByRole("link", { name: company.company, exact: true }).click();
  const tenant = page.url();
  await inspectTwice(page, "tenant");
  await page.locator("#most_channels").fill("-1");
  await unchecked(page);
  await page.locator("form[action$='/limits'] button").click();
  await page.locator(".error").first().waitFor();
  await inspectTwice(page, "limits, refused");

  await page.goto(tenant);
  await unchecked(page);
  await page.locator("form[action$='/suspend'] button").click();
  await page.locator(".error").first().waitFor();
  await page.locator("form[action$='/suspend'] :is(input:not([type=hidden]), textarea)").first().fill("Falta de pago");
  await page.locator("form[action$='/suspend'] button").click();
  await page.locator("form[action$='/resume']").waitFor();
  await inspectTwice(page, "tenant, suspended");
  const owner = await openPage(browser);
  await logIn(owner.page, company);
  await owner.page.getByText("Falta de pago").first().waitFor();
  await inspectTwice(owner.page, "suspended, for its owner");
  await page.locator("form[action$='/resume'] button").click();
  await page.locator("form[action$='/suspend']").waitFor();

  await page.locator("form[action$='/enter'] button").click();
  await page.locator(".viewing", { hasText: company.company }).waitFor();
  for (const path of ["/", "/conversations", "/settings/team"]) {
    await page.goto(relevo + path);
    await page.locator(".viewing").waitFor();
    await inspectTwice(page, `as support, ${path}`);
  }
  const csrf = await page.locator("input[name=csrf]").first().inputValue();
  const invited = await page.request.post(`${relevo}/settings/team/invite`, { form: { csrf, email: "x@x.test", role: "owner" }, maxRedirects: 0 });
  if (invited.status() !== 403) throw new Error(`support invites an owner: ${invited.status()}`);
  await page.locator(".viewing button").click();
  await page.locator(".viewing").waitFor({ state: "detached" });
  await owner.page.goto(`${relevo}/settings/audit`);
  await inspectTwice(owner.page, "audit with the support's look");
  await admin("revoke", addresses.email);
  const after = await page.goto(`${relevo}/operator`);
  if (after.status() !== 404) throw new Error(`/operator after it was taken away: ${after.status()}`);
  const left = unexpected([...complaints, ...owner.complaints]);
  if (left.length > 0) throw new Error(left.join("\n"));
  for (const one of [{ context }, owner]) await one.context.close();
  console.log("operator: ok");
}
