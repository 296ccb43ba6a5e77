// The ring by hand alone, with pictures: `node walk.js FOLDER`.
import { startDemo } from "./demo.js";
import { openBrowser } from "./page.js";
import { everyChannel } from "./ring.js";

const demo = await startDemo(process.env.RELEVO_BIN || "../../target/release/relevo");
const browser = await openBrowser();
try {
  await everyChannel(browser, { ...demo.addresses, company: "Café Austral" }, process.argv[2]);
} catch (error) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  if (process.argv[2]) {
    for (const [n, page] of pages.entries()) await page.screenshot({ path: `${process.argv[2]}/failed-${n}.png` });
  }
  throw error;
} finally {
  await browser.close();
  await demo.stop();
}
