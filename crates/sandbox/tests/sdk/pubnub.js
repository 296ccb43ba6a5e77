// PubNub's own JavaScript SDK publishes to and subscribes from the simulator.
//
// Reads the simulators' addresses from SANDBOX_URLS (the line of JSON that the `sandbox` program
// prints). Ends with 0 when everything that was expected has happened, else with 1.

import assert from "node:assert/strict";
import PubNub from "pubnub";

const urls = JSON.parse(process.env.SANDBOX_URLS ?? "{}");
const origin = new URL(urls.pubnub).host;
const patience = 15_000;

const post = async (path, body) => {
  const answer = await fetch(urls.console + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
};

const sdk = (keys, userId, more = {}) =>
  new PubNub({
    subscribeKey: keys.subscribe_key,
    publishKey: keys.publish_key,
    userId,
    origin,
    ssl: false,
    ...more,
  });

const within = (promise, what) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`too late: ${what}`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

// Collects what a client hears; `until` waits for the first item that fits.
const listen = (client) => {
  const heard = { message: [], signal: [], presence: [], status: [] };
  const waiting = [];
  const put = (kind) => (item) => {
    heard[kind].push(item);
    for (const wait of [...waiting]) wait();
  };
  client.addListener({
    message: put("message"),
    signal: put("signal"),
    presence: put("presence"),
    status: put("status"),
  });
  const until = (kind, fits, what) =>
    within(
      new Promise((resolve) => {
        const look = () => {
          const found = heard[kind].find(fits);
          if (!found) return;
          waiting.splice(waiting.indexOf(look), 1);
          resolve(found);
        };
        waiting.push(look);
        look();
      }),
      what,
    );
  return { heard, until };
};

const connected = (ears) =>
  ears.until("status", (it) => it.category === "PNConnectedCategory", "connected");

const tests = {
  async "a message reaches the subscriber of its channel"(keys) {
    const reader = sdk(keys, "reader");
    const ears = listen(reader);
    reader.subscribe({ channels: ["plain"], withPresence: true });
    await connected(ears);
    const writer = sdk(keys, "writer");
    const text = { text: 'a/b "ñ" 100% 👍\n' };
    const sent = await writer.publish({ channel: "plain", message: text, meta: { lang: "es" } });
    const got = await ears.until("message", () => true, "message");
    assert.deepEqual(got.message, text);
    assert.equal(got.channel, "plain");
    assert.equal(got.publisher, "writer");
    assert.equal(got.timetoken, sent.timetoken);
    assert.deepEqual(got.userMetadata, { lang: "es" });
    await writer.publish({ channel: "plain", message: "by post", sendByPost: true });
    await ears.until("message", (it) => it.message === "by post", "posted message");
    await writer.signal({ channel: "plain", message: "blink" });
    await ears.until("signal", (it) => it.message === "blink", "signal");
    return [reader, writer];
  },

  async "a channel group names itself as the subscription"(keys) {
    const reader = sdk(keys, "group-reader");
    const ears = listen(reader);
    await reader.channelGroups.addChannels({
      channels: ["conversation-1", "conversation-2"],
      channelGroup: "user-7-channel",
    });
    const list = await reader.channelGroups.listChannels({ channelGroup: "user-7-channel" });
    assert.deepEqual(list.channels, ["conversation-1", "conversation-2"]);
    reader.subscribe({ channelGroups: ["user-7-channel"] });
    await connected(ears);
    const writer = sdk(keys, "writer");
    for (let n = 0; n < 50; n += 1) {
      await writer.publish({ channel: `conversation-${1 + (n % 2)}`, message: { n } });
    }
    await ears.until("message", (it) => it.message.n === 49, "the last of fifty");
    assert.deepEqual(ears.heard.message.map((it) => it.message.n), [...Array(50).keys()]);
    assert.equal(ears.heard.message[1].channel, "conversation-2");
    assert.equal(ears.heard.message[1].subscription, "user-7-channel");
    return [reader, writer];
  },

  async "presence shows who comes and goes"(keys) {
    const watcher = sdk(keys, "watcher");
    const ears = listen(watcher);
    watcher.subscribe({ channels: ["room"], withPresence: true });
    await connected(ears);
    const guest = sdk(keys, "guest");
    guest.subscribe({ channels: ["room"] });
    await ears.until("presence", (it) => it.action === "join" && it.uuid === "guest", "join");
    const here = await watcher.hereNow({ channels: ["room"] });
    assert.equal(here.channels.room.occupancy, 2);
    guest.unsubscribeAll();
    await ears.until("presence", (it) => it.action === "leave" && it.uuid === "guest", "leave");
    return [watcher, guest];
  },

  async "history and time answer"(keys) {
    const client = sdk(keys, "historian");
    for (let n = 1; n <= 5; n += 1) await client.publish({ channel: "kept", message: n });
    const kept = await client.fetchMessages({ channels: ["kept"], count: 3 });
    assert.deepEqual(kept.channels.kept.map((it) => it.message), [3, 4, 5]);
    assert.equal(kept.channels.kept[0].uuid, "historian");
    const { timetoken } = await client.time();
    assert.match(String(timetoken), /^\d{17}$/);
    return [client];
  },

  async "an auth key without grant is denied, with one it hears its group"() {
    const account = await post("/accounts/letstalk", { settings: { noise: false } });
    const group = `user-${account.user_id}-channel`;
    const thief = sdk(account, "thief", { authKey: "wrong" });
    const thiefs = listen(thief);
    thief.subscribe({ channels: [group] });
    await thiefs.until("status", (it) => it.error || /Denied|Error/.test(it.category ?? ""), "denial");
    const agent = sdk(account, `user-${account.user_id}`, { authKey: account.auth_key });
    const ears = listen(agent);
    agent.subscribe({
      channels: [group, `presence.user-${account.user_id}`],
      channelGroups: [group],
    });
    await connected(ears);
    const id = await openConversation(account);
    const first = await ears.until("message", () => true, "our own first message");
    assert.equal(first.channel, `conversation-${id}`);
    assert.equal(first.subscription, group);
    assert.equal(first.message.namespace, "messages.create");
    return [thief, agent];
  },

  async "a cut connection loses nothing"(keys) {
    const reader = sdk(keys, "survivor");
    const ears = listen(reader);
    reader.subscribe({ channels: ["rough"] });
    await connected(ears);
    const writer = sdk(keys, "writer");
    await writer.publish({ channel: "rough", message: 1 });
    await ears.until("message", (it) => it.message === 1, "before the cut");
    await post("/faults", {
      service: "pubnub",
      match: { path_contains: "/v2/subscribe" },
      action: { kind: "status", status: 503, body: "{}" },
      times: 1,
    });
    await writer.publish({ channel: "rough", message: 2 });
    await writer.publish({ channel: "rough", message: 3 });
    await ears.until("message", (it) => it.message === 3, "after the cut");
    assert.deepEqual(ears.heard.message.map((it) => it.message), [1, 2, 3]);
    return [reader, writer];
  },
};

const openConversation = async (account) => {
  const api = `${account.api_base}/api/v1`;
  const send = async (path, body, headers = {}) => {
    const answer = await fetch(api + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };
  const client = await send("/integration/auth/token", {
    email: "ana@example.com",
    name: "Ana",
    consumer: { key: account.consumer_key, token: account.consumer_token },
    organization_id: account.organization_id,
  });
  const basic = Buffer.from(`${client.token}:X`).toString("base64");
  const opened = await send(
    "/conversations",
    {
      message: { content: "hola", content_type: "text/plain", remote_id: crypto.randomUUID() },
      organization_id: account.organization_id,
    },
    { authorization: `Basic ${basic}` },
  );
  return opened.id;
};

const keys = await post("/pubnub/keysets", { settings: { hold_ms: 5_000 } });
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    const clients = await within(test(keys), name);
    for (const client of clients) client.destroy();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
