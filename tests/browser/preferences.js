// Language and theme by the switch: what is chosen stays.
import { logIn, openPage } from "./page.js";

export async function preferences(browser, addresses) {
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, addresses);
  const heading = page.getByRole("heading", { level: 1 });
  const menu = async () => {
    await page.goto(`${addresses.relevo}/rules`);
    await page.locator(".side-foot summary").click();
  };
  for (const [code, words] of [["en", "Rules"], ["pt", "Regras"], ["es", "Reglas"]]) {
    await menu();
    await page.locator(`button[value='lang:${code}']`).first().click();
    await heading.filter({ hasText: words }).waitFor();
  }
  for (const theme of ["dark", "light"]) {
    await menu();
    await page.locator(`button[value='theme:${theme}']`).first().click();
    await page.locator(`html[data-theme='${theme}']`).waitFor({ state: "attached" });
  }
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
}
