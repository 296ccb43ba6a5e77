// A browser, and the few things the journey does with pages.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const AXE = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

/** A Chromium without anything from the network but our own pages. */
export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      // Nothing of the browser's own leaves the machine.
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      "--no-first-run",
    ],
  });
}

/** A page that notes every script error and every broken rule of the content policy. */
export async function openPage(browser, { width = 1440, dark = false, userAgent } = {}) {
  const context = await browser.newContext({
    userAgent,
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
    locale: "es-CL",
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return { page, complaints, context };
}

/** Fails when axe finds something serious or the page is wider than the window. */
export async function inspect(page, name) {
  // Colours on their way to another theme are nobody's.
  await page.evaluate(() => {
    const ends = (it) => Number.isFinite(it.effect?.getComputedTiming().endTime);
    return Promise.allSettled(document.getAnimations().filter(ends).map((it) => it.finished));
  });
  // evaluate() runs outside the page's content policy; a script element would not.
  await page.evaluate(`${AXE};0`);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  if (serious.length > 0) {
    const told = serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
    throw new Error(`${name}: ${told.join("; ")}`);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (wide) throw new Error(`${name}: wider than the window`);
}

/** `inspect`, wide and light, then as narrow as a phone and dark. */
export async function inspectTwice(page, name) {
  const wide = page.viewportSize();
  await inspect(page, `${name}, wide`);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await inspect(page, `${name}, narrow and dark`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(wide);
}

/** Lets a form go out as a browser would send it that checks nothing by itself. */
export const unchecked = (page) =>
  page.locator("form").evaluateAll((all) => { for (const form of all) form.noValidate = true; });

/** What the browser complained of, without the refusals that were asked for (4xx). */
export const unexpected = (complaints) =>
  complaints.filter((text) => !/server responded with a status of 4\d\d/.test(text));

export async function logIn(page, { relevo, email, password }) {
  await page.goto(`${relevo}/login`);
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.locator("form[action^='/login'] button.primary").click();
  await page.waitForURL((url) => url.pathname !== "/login");
}

/** Says something on the phone page, as the contact that is open there. */
export async function sayOnPhone(page, text) {
  await page.locator("#text").fill(text);
  await page.locator("#send").click();
}
