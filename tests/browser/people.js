// Contacts and agents by the simulators' own interfaces: for what becomes of a handoff it does not
// matter who looks at their pages.
/** Longer than the minute that is the shortest patience, and than figures take to appear. */
const PATIENCE_MS = 150_000;
const PAUSE_MS = 80;

/** Looks until there is something. */
export async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise((later) => setTimeout(later, PAUSE_MS));
  }
}

async function call(url, body) {
  const answer = await fetch(url, body && {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Somebody with a phone on a line. */
export async function newContact({ console: desk }, line, name) {
  const at = `${desk}/phone/${line.kind}/${line.account}`;
  const { id } = await call(`${at}/contacts`, { name });
  const heard = async () => {
    const { messages } = await call(`${at}/${id}/messages`);
    return messages.filter((message) => message.from === "business");
  };
  const does = (action) => call(`${at}/${id}/send`, action);
  return {
    name,
    line,
    key: String(id),
    does,
    heard,
    says: (text) => does({ type: "text", text }),
    hears: (piece) =>
      until(`«${piece}» on the phone of ${name}`, async () =>
        (await heard()).some((message) => JSON.stringify(message.content).includes(piece))),
    greets: async () => {
      await does({ type: "text", text: "hola" });
      await until(`the bot's answer to ${name}`, async () => (await heard()).length > 0);
    },
  };
}

/** The company's agent: `takes` a contact's open conversation and answers what can be done there. */
export function agentOf(company) {
  const { origin, searchParams } = new URL(company.agent);
  const agent = Number(searchParams.get("agent"));
  const at = `${origin}/agent/api/conversations`;
  const open = async (name) => {
    const rows = await call(`${at}?agent=${agent}`);
    return rows.find((row) => row.status === "Open" && row.client === name);
  };
  return {
    waiting: (name) => until(`${name} in Let's Talk`, () => open(name)),
    takes: async (name) => {
      const { id } = await until(`${name} in Let's Talk`, () => open(name));
      const act = (verb, body = {}) => call(`${at}/${id}/${verb}`, { agent, ...body });
      await act("join");
      return {
        says: (text) => act("messages", { text }),
        notes: (text) => act("notes", { text }),
        closes: () => act("close"),
        link: async () => {
          const { messages } = await call(`${at}/${id}?agent=${agent}`);
          return JSON.stringify(messages).match(/https?:[^\s"\\]+\/history\/[^\s"\\)]+/)[0];
        },
        attaches: async (file, mime, bytes) => {
          const query = new URLSearchParams({ agent, name: file, mime });
          const answer = await fetch(`${at}/${id}/attachments?${query}`, { method: "POST", body: bytes });
          if (!answer.ok) throw new Error(`attachment: ${answer.status} ${await answer.text()}`);
        },
        hears: (piece) =>
          until(`«${piece}» at the agent's`, async () =>
            (await call(`${at}/${id}?agent=${agent}`)).messages.some((line) => line.text?.includes(piece))),
      };
    },
  };
}

/** Has a simulator go wrong as often as `times`. */
export const fault = ({ console: desk }, rule) => call(`${desk}/faults`, rule);
