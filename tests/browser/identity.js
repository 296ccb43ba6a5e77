// A member's own account in a browser: the address proven by a mail, the second factor learnt by
// an authenticator, a login with a recovery code, every login ended, a forgotten password.
import { createHmac } from "node:crypto";
import { signUp } from "./company.js";
import { inspect, openPage } from "./page.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The six digits that an authenticator shows now (RFC 6238). */
function digits(key) {
  const bits = [...key].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", secret).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function enterPassword(page, relevo, { email, password }) {
  await page.goto(`${relevo}/login`);
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.getByRole("button", { name: "Entrar" }).click();
}

/** Turns the second factor on and answers one of the recovery codes. */
async function enrol(page, relevo, password) {
  await page.goto(`${relevo}/account/security`);
  await inspect(page, "security");
  await page.getByRole("button", { name: "Activar verificación" }).click();
  await page.locator(".qr svg").waitFor();
  await inspect(page, "second factor");
  const key = (await page.locator("#factor-key").textContent()).replace(/\s/g, "");
  await page.locator("#code").fill(digits(key));
  await page.locator("#factor_password").fill(password);
  await page.getByRole("button", { name: "Activar verificación" }).click();
  const codes = page.locator("#codes li");
  await codes.first().waitFor();
  await inspect(page, "recovery codes");
  return (await codes.first().textContent()).trim();
}

export async function ownAccount(browser, addresses) {
  const { relevo } = addresses;
  const who = { name: "Té del Sur", owner: "Ana Díaz", email: "ana@tedelsur.test", password: "una clave larga" };
  const { page, complaints, context } = await signUp(browser, addresses, who);
  const recovery = await enrol(page, relevo, who.password);

  await page.goto(`${relevo}/account/logins`);
  await page.getByText("Este equipo").waitFor();
  await page.getByRole("button", { name: "Cerrar todas las sesiones" }).click();
  await page.waitForURL("**/login");
  await enterPassword(page, relevo, who);
  await page.waitForURL("**/login/code");
  await inspect(page, "second step");
  await page.locator("#code").fill(recovery);
  await page.getByRole("button", { name: "Entrar" }).click();
  await page.getByText("Te quedan 9").waitFor();
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  await context.close();

  const forgetful = await openPage(browser);
  await forgetful.page.goto(`${relevo}/forgot`);
  await inspect(forgetful.page, "forgotten password");
  await forgetful.page.locator("#email").fill(who.email);
  await forgetful.page.getByRole("button", { name: "Enviar enlace" }).click();
  await forgetful.page.getByRole("heading", { name: "Revisa tu correo" }).waitFor();
  await forgetful.page.goto(`${relevo}/outbox`);
  await forgetful.page.locator("a[href^='/reset/']").first().click();
  await inspect(forgetful.page, "new password");
  await forgetful.page.locator("#password").fill("otra clave larga");
  await forgetful.page.getByRole("button", { name: "Guardar contraseña" }).click();
  await forgetful.page.waitForURL("**/login");
  await enterPassword(forgetful.page, relevo, { ...who, password: "otra clave larga" });
  await forgetful.page.waitForURL("**/login/code");
  await forgetful.context.close();
}
