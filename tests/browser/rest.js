// The bot's REST API, as a program outside uses it.
import { randomUUID } from "node:crypto";

/** Calls under `base` with `key`. Each answers `{status, body, replayed}` and never throws. */
export function rest(base, key) {
  const call = async (method, path, body, once) => {
    const headers = { authorization: `Bearer ${key}` };
    if (body) {
      headers["content-type"] = "application/json";
      headers["idempotency-key"] = once ?? randomUUID();
    }
    const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return {
      status: answer.status,
      body: text && JSON.parse(text),
      replayed: answer.headers.get("idempotent-replayed") === "true",
    };
  };
  return {
    get: (path) => call("GET", path),
    post: (path, body, once) => call("POST", path, body, once),
    file: async (url) => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
      return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
    },
  };
}

/** The answer's body; anything but `status` is an error. */
export function expect(answer, status, what) {
  if (answer.status === status) return answer.body;
  throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** Every message of a conversation, oldest first. */
export async function messagesOf(api, conversation) {
  const all = [];
  for (let after = 0; after !== null; ) {
    const path = `/conversations/${conversation}/messages?after=${after}&limit=200`;
    const page = expect(await api.get(path), 200, "messages");
    all.push(...page.messages);
    after = page.next_after;
  }
  return all;
}
