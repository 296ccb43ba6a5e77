// With pictures, for a person to look at: `node walk.js FOLDER` walks the ring on every channel of
// the demo and then opens every screen in both themes and widths.
import { startDemo } from "./demo.js";
import { openBrowser } from "./page.js";
import { everyChannel } from "./ring.js";
import { everyScreen } from "./screens.js";

const folder = process.argv[2] || "pictures";
const demo = await startDemo(process.env.RELEVO_BIN || "../../target/release/relevo");
const browser = await openBrowser();
try {
  await everyChannel(browser, { ...demo.addresses, company: "Café Austral" }, { shots: folder });
  for (const width of [1440, 390]) {
    for (const dark of [false, true]) await everyScreen(browser, demo.addresses, { width, dark }, folder);
  }
} catch (error) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [n, page] of pages.entries()) await page.screenshot({ path: `${folder}/failed-${n}.png` });
  throw error;
} finally {
  await browser.close();
  await demo.stop();
}
