// What a company has before it comes to us: accounts at the platforms, agents in Let's Talk, a bot.
// Asked of the simulators' console, as their web sites would show it.

async function post(url, body = {}) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${new URL(url).pathname}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** An organization in Let's Talk with its keys; `agents` by name, the integration's first. */
export const openDesk = (console_, name, agents = []) =>
  post(`${console_}/accounts/letstalk`, { name, agents: agents.map((one) => ({ name: one })) });

/** A line at a platform: a number, a bot, a page, an account. */
export const openLine = (console_, kind, name) => post(`${console_}/accounts/${kind}`, { name });

/** Pastes callback address and verify token into Meta's dashboard, as the screen says. */
export const pasteCallback = (console_, kind, account, callback, token, fields) =>
  post(`${console_}/accounts/${kind}/${account}/webhook`, {
    callback_url: callback,
    verify_token: token,
    fields,
  });

/** Tells the example bot to serve a line through `base`; answers where it listens. */
export const giveToBot = (console_, config) => post(`${console_}/bot/configure`, config);
