// The numbers of the dashboard against what the exported rows say, and every number against the
// rows that it opens.
import { inspect, logIn, openPage } from "./page.js";

async function exported(page, relevo, file) {
  const answer = await page.request.get(`${relevo}/handoffs/export.${file}`);
  if (!answer.ok()) throw new Error(`export.${file}: ${answer.status()}`);
  return answer.text();
}

/** What a tile should say, counted from the rows. */
function truth(rows) {
  const share = (count) => (rows.length === 0 ? "–" : `${Math.round((100 * count) / rows.length)} %`);
  return {
    handoffs: String(rows.length),
    abandonment: share(rows.filter((r) => r.ended_at && !r.first_human_at).length),
    no_agent: share(rows.filter((r) => r.end_reason === "no_agent_timeout").length),
  };
}

export async function figures(browser, addresses) {
  const { relevo } = addresses;
  const { page, complaints, context } = await openPage(browser);
  await logIn(page, addresses);
  const rows = (await exported(page, relevo, "jsonl")).trim().split("\n").map((line) => JSON.parse(line));
  if (rows.length < 4) throw new Error(`${rows.length} handoffs exported, one on each channel was made`);
  const csv = (await exported(page, relevo, "csv")).trim().split(/\r?\n/);
  if (csv.length !== rows.length + 1) throw new Error(`${csv.length - 1} rows of CSV, ${rows.length} of JSON`);

  await page.goto(`${relevo}/dashboard`);
  for (const [name, wanted] of Object.entries(truth(rows))) {
    const shown = (await page.locator(`#tile-${name} .value`).textContent()).trim().replace(/\s/g, " ");
    if (shown !== wanted) throw new Error(`${name}: the tile says ${shown}, the rows say ${wanted}`);
  }
  const numbers = await page.locator("a[data-rows]").evaluateAll((all) => all.map((a) => [a.href, a.dataset.rows]));
  if (numbers.length < 5) throw new Error("the dashboard's numbers open nothing");
  for (const [address, wanted] of numbers) {
    await page.goto(address);
    const got = await page.locator("#count").getAttribute("data-count");
    if (got !== wanted) throw new Error(`${address}: ${got} rows behind the number ${wanted}`);
  }
  await page.goto(`${relevo}/handoffs`);
  await page.locator("a[href^='/handoffs/0']").first().click();
  await page.getByText("quiero hablar con una persona").first().waitFor();
  await inspect(page, "transcript");
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();
}
