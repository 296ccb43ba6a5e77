// Every screen of a company that has something to show: nothing for axe to object to, nothing
// wider than the window, no complaint of the browser or of the content policy.
import { mkdir } from "node:fs/promises";
import { inspect, logIn, openPage } from "./page.js";

const OUTSIDE = ["/login", "/signup", "/forgot"];

const INSIDE = [
  "/",
  "/conversations",
  "/conversations?failed=1",
  "/conversations?q=persona",
  "/handoffs",
  "/dashboard",
  "/dashboard/operations",
  "/rules",
  "/rules/new",
  "/rules/new?preset=person",
  "/rules/backtest",
  "/rules/versions",
  "/channels",
  "/channels/new",
  "/channels/new/telegram",
  "/channels/new/whatsapp",
  "/channels/new/messenger",
  "/channels/new/instagram",
  "/channels/new/api",
  "/desk",
  "/desk/doctor",
  "/desk/disconnect",
  "/test-chat",
  "/settings",
  "/settings/hours",
  "/settings/team",
  "/settings/developers",
  "/settings/audit",
  "/settings/data",
  "/account",
  "/account/security",
  "/account/logins",
];

/** Screens whose addresses hold an id: where the first link to one is found, and what follows. */
const FOUND = [
  { on: "/channels", link: "a[href^='/channels/']:not([href*='/new'])", more: ["/doctor", "/credentials", "/disconnect"] },
  { on: "/rules", link: "a[href^='/rules/0']", more: [] },
  { on: "/rules/versions", link: "a[href^='/rules/versions/']", more: [] },
  { on: "/handoffs", link: "a[href^='/handoffs/0']", more: [] },
  { on: "/conversations", link: "a.talk", more: ["/erase"] },
];

async function found(page, relevo) {
  const all = [];
  for (const { on, link, more } of FOUND) {
    await page.goto(relevo + on);
    const first = page.locator(link).first();
    if ((await first.count()) === 0) throw new Error(`${on}: nothing to open`);
    const path = (await first.getAttribute("href")).split(/[?#]/)[0];
    all.push(path, ...more.map((rest) => path + rest));
  }
  const talk = all.find((path) => path.startsWith("/conversations/"));
  await page.goto(relevo + talk);
  const trace = page.locator("a[href*='/trace']").first();
  all.push((await trace.getAttribute("href")).split("#")[0]);
  return all;
}

/** Every address that a company in full swing has. */
export const allScreens = async (page, relevo) => [...INSIDE, ...(await found(page, relevo))];

const fileOf = (path) => path.replace(/[0-9a-f-]{36}/g, "id").replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "home";

/**
 * Opens every screen in one look: `width` in pixels, `dark`, `language`. With `folder`, a picture
 * of each is put there.
 */
export async function everyScreen(browser, addresses, look, folder) {
  const { page, complaints, context } = await openPage(browser, look);
  const { relevo } = addresses;
  const name = `${look.language ?? "es"}-${look.width}-${look.dark ? "dark" : "light"}`;
  if (folder) await mkdir(`${folder}/${name}`, { recursive: true });
  await context.addCookies([{ name: "relevo_lang", value: look.language ?? "es", url: relevo }]);
  const problems = [];
  const see = async (path) => {
    const answer = await page.goto(relevo + path);
    if (answer.status() !== 200) problems.push(`${path}: ${answer.status()}`);
    if (folder) await page.screenshot({ path: `${folder}/${name}/${fileOf(path)}.png`, fullPage: true });
    await inspect(page, `${path} ${name}`).catch((error) => problems.push(error.message));
  };
  for (const path of OUTSIDE) await see(path);
  await logIn(page, addresses);
  for (const path of await allScreens(page, relevo)) await see(path);
  problems.push(...complaints);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  await context.close();
}

/** The looks that between them have both themes, both widths and every language. */
export const LOOKS = [
  { width: 1440, dark: false, language: "es" },
  { width: 390, dark: true, language: "es" },
  { width: 1440, dark: true, language: "en" },
  { width: 390, dark: false, language: "pt" },
];
