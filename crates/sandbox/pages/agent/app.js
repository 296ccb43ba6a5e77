// The agent page: asks for what changed, draws it, and sends what the agent does.

import { draw, el, face, timeOf } from "/agent/draw.js";

const $ = (id) => document.getElementById(id);
const api = "/agent/api";
const state = { agent: 0, accounts: [], rows: [], open: null, filter: "Open", mode: "say", last: 0 };

const refusals = {
  "content_type is not allowed": "Let’s Talk no acepta archivos de este tipo.",
  "content is too long": "El texto es demasiado largo.",
};

async function call(path, body) {
  const answer = await fetch(api + path, body && {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agent: state.agent, ...body }),
  });
  return read(answer);
}

async function read(answer) {
  if (answer.status === 204) return null;
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  const [field, [problem] = [""]] = Object.entries(json.errors ?? {})[0] ?? [""];
  const why = `${field} ${problem}`.trim();
  throw new Error(refusals[why] ?? (why || json.error || "No se pudo completar."));
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").classList.add("on");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => $("toast").classList.remove("on"), 3500);
}

// Runs what a click asks for; a refusal is shown, not lost.
const doing = (work) => async (event) => {
  event?.preventDefault?.();
  try {
    await work(event);
  } catch (error) {
    toast(error.message);
  }
};

// ---- who

async function loadAccounts() {
  state.accounts = await call("/accounts");
  const query = new URLSearchParams(location.search);
  const account = state.accounts.find((it) => it.id === Number(query.get("org")));
  const wanted = Number(query.get("agent")) || state.agent;
  const all = state.accounts.flatMap((it) => it.agents);
  const people = (account?.agents ?? all).filter((it) => !it.integration);
  state.agent = all.find((it) => it.id === wanted)?.id ?? people[0]?.id ?? all[0]?.id ?? 0;
  $("who").replaceChildren(...state.accounts.map((it) => {
    const group = el("optgroup", { label: it.name });
    group.append(...it.agents.map((agent) => el("option", {
      value: agent.id,
      selected: agent.id === state.agent,
      text: agent.integration ? `${agent.name} (integración)` : agent.name,
    })));
    return group;
  }));
}

const account = () => state.accounts.find((it) => it.agents.some((agent) => agent.id === state.agent));

function remember() {
  const query = new URLSearchParams({ agent: state.agent });
  if (state.open) query.set("conversation", state.open);
  history.replaceState(null, "", `?${query}`);
}

// ---- list

async function loadRows() {
  state.rows = state.agent ? await call(`/conversations?agent=${state.agent}`) : [];
  drawRows();
}

function drawRows() {
  const needle = $("search").value.trim().toLowerCase();
  const shown = state.rows.filter((row) =>
    (!state.filter || row.status === state.filter) &&
    (!needle || `${row.client} ${row.issue} ${row.last_text}`.toLowerCase().includes(needle)));
  $("count-open").textContent = state.rows.filter((row) => row.status === "Open").length || "";
  $("rows").replaceChildren(...shown.map((row) => el("li", {}, rowButton(row))));
  $("no-rows").hidden = shown.length > 0;
  $("no-rows").textContent = !state.agent
    ? "Aún no hay ninguna organización."
    : needle ? "Nada coincide con tu búsqueda." : "Todo en calma: no hay conversaciones aquí.";
  const unread = state.rows.reduce((sum, row) => sum + row.unread, 0);
  document.title = unread ? `(${unread}) Puesto del agente` : "Puesto del agente";
}

function rowButton(row) {
  const prefix = { me: "Tú: ", agent: "Equipo: " }[row.last_by] ?? "";
  const marks = el("span", { class: "marks" });
  if (row.status === "Closed") marks.append(el("span", { class: "state", text: "Cerrada" }));
  else if (!row.agents.length) marks.append(el("span", { class: "state waiting", text: "En espera" }));
  else if (row.mine && !row.unread) marks.append(el("span", { class: "state mine", text: "Tuya" }));
  if (row.unread) marks.append(el("span", { class: "badge", text: row.unread, title: "Sin leer" }));
  const button = el("button", { class: "row", "aria-current": row.id === state.open },
    face(row.client),
    el("span", { class: "client", text: row.client }),
    el("time", { text: timeOf(row.last_ms, true) }),
    el("span", { class: "last", text: prefix + row.last_text.replace(/\s+/g, " ") }),
    marks);
  button.addEventListener("click", doing(() => openThread(row.id)));
  return button;
}

// ---- thread

async function openThread(id) {
  state.open = id;
  state.last = 0;
  $("app").dataset.open = "thread";
  remember();
  await loadThread();
  await loadRows();
}

async function loadThread() {
  if (!state.open) return;
  const id = state.open;
  const thread = await call(`/conversations/${id}?agent=${state.agent}`);
  if (id !== state.open) return;
  const { summary } = thread;
  $("nothing").hidden = true;
  $("opened").hidden = false;
  $("face").replaceWith(Object.assign(face(summary.client), { id: "face" }));
  $("name").textContent = summary.client;
  $("issue").textContent = summary.issue;
  const closed = summary.status === "Closed";
  $("join").hidden = closed || summary.mine;
  $("transfer").hidden = closed;
  $("close").hidden = closed;
  $("composer").hidden = closed;
  $("ended").hidden = !closed;
  drawDetails(thread);
  const box = $("messages");
  const newest = thread.messages.at(-1)?.id ?? 0;
  if (newest !== state.last) {
    const first = !state.last;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
    box.replaceChildren(...draw(thread.messages));
    if (atEnd || !state.last || thread.messages.at(-1)?.by === "me") box.scrollTop = box.scrollHeight;
    for (const media of box.querySelectorAll("img,video")) {
      media.addEventListener("load", () => { if (atEnd || first) box.scrollTop = box.scrollHeight; });
    }
    state.last = newest;
  }
  if (summary.unread && document.visibilityState === "visible") await call(`/conversations/${id}/read`, {});
}

function drawDetails({ summary, client, created_ms, metadata }) {
  const closed = summary.status === "Closed";
  const chips = (names) => names.map((name) => el("span", { class: "chip", text: name }));
  const parts = [
    ["Cliente", [client.name]],
    ["Correo", [client.email]],
    ["Conversación", [`n.º ${summary.id}`]],
    ["Empezó", [timeOf(created_ms)]],
    ["Atienden", summary.agents.length ? chips(summary.agents) : [closed ? "Nadie" : "Nadie todavía"]],
    ["Grupos", summary.groups.length ? chips(summary.groups) : ["Ninguno"]],
    ...Object.entries(metadata ?? {}).map(([name, value]) =>
      [name, [typeof value === "string" ? value : JSON.stringify(value)]]),
  ];
  $("details").replaceChildren(...parts.flatMap(([name, value]) => {
    const dd = el("dd");
    dd.append(...value);
    return [el("dt", { text: name }), dd];
  }));
}

const act = (verb, body) => call(`/conversations/${state.open}/${verb}`, body);

// ---- composing

const text = $("text");

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

function setMode(mode) {
  state.mode = mode;
  $("composer").classList.toggle("noting", mode === "note");
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", button.dataset.mode === mode);
  }
  text.placeholder = mode === "note" ? "Escribe una nota para tu equipo…" : "Escribe tu respuesta…";
  $("attach").hidden = $("options").hidden = mode === "note";
  text.focus();
}

let said = Promise.resolve();
$("composer").addEventListener("submit", doing(async () => {
  const words = text.value.trim();
  if (!words) return;
  const to = `/conversations/${state.open}/${state.mode === "note" ? "notes" : "messages"}`;
  // Emptied at once: what is typed while this is on its way is the next message.
  text.value = "";
  grow();
  const saying = said.then(() => call(to, { text: words }));
  said = saying.catch(() => {});
  try {
    await saying;
  } catch (error) {
    text.value ||= words;
    grow();
    throw error;
  }
}));
text.addEventListener("input", () => {
  grow();
  const now = Date.now();
  if (state.mode === "say" && now - (state.typed ?? 0) > 3000) {
    state.typed = now;
    act("typing", {}).catch(() => {});
  }
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", () => setMode(button.dataset.mode));
}

async function attach(files) {
  for (const file of files) {
    // The platform's list knows neither voice notes nor unknown types: those go as plain bytes.
    const mime = file.type === "audio/mpeg" ? "audio/mp3" : file.type || "application/octet-stream";
    const send = (type) => fetch(
      `${api}/conversations/${state.open}/attachments?${new URLSearchParams({ agent: state.agent, name: file.name, mime: type })}`,
      { method: "POST", body: file }).then(read);
    await send(mime).catch((error) =>
      error.message === refusals["content_type is not allowed"] ? send("application/octet-stream") : Promise.reject(error));
  }
}

$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", doing(async () => {
  await attach([...$("file").files]);
  $("file").value = "";
}));
text.addEventListener("paste", doing((event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length) return attach(files);
  text.setRangeText(event.clipboardData.getData("text/plain"), text.selectionStart, text.selectionEnd, "end");
  grow();
}));
for (const kind of ["dragover", "dragleave", "drop"]) {
  $("opened").addEventListener(kind, doing(async (event) => {
    $("opened").classList.toggle("dropping", kind === "dragover");
    if (kind === "drop") await attach([...event.dataTransfer.files]);
  }));
}

// ---- dialogs

const asked = (dialog) => new Promise((resolve) => {
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
});

$("join").addEventListener("click", doing(() => act("join", {})));
$("close").addEventListener("click", doing(async () => {
  if (await asked($("close-dialog"))) await act("close", {});
}));
$("transfer").addEventListener("click", doing(async () => {
  $("group").replaceChildren(...account().groups.map((group) => el("option", { value: group.id, text: group.name })));
  if (await asked($("transfer-dialog"))) {
    await act("transfer", { group_id: Number($("group").value), leave: $("leave").checked });
    toast("Conversación transferida.");
  }
}));

function addItem() {
  const item = $("item").content.cloneNode(true).firstElementChild;
  const value = item.querySelector(".item-value");
  item.querySelector(".item-kind").addEventListener("change", (event) => {
    const link = event.target.value === "link";
    value.placeholder = link ? "https://…" : "Respuesta (opcional)";
    value.required = link;
    value.type = link ? "url" : "text";
  });
  item.querySelector(".item-remove").addEventListener("click", () => item.remove());
  $("items").append(item);
}

$("add-item").addEventListener("click", addItem);
$("options").addEventListener("click", doing(async () => {
  $("items").replaceChildren();
  $("list-title").value = "";
  addItem();
  addItem();
  if (!(await asked($("options-dialog")))) return;
  const items = [...document.querySelectorAll("#items .item")].map((item) => {
    const [type, label, value] = ["kind", "label", "value"].map((it) => item.querySelector(`.item-${it}`).value.trim());
    return type === "link"
      ? { type, payload: { label, url: value, target: "_blank" } }
      : { type, payload: { label, message: value || label } };
  });
  const viewType = document.querySelector("[name=view]:checked").value;
  await act("actions", { list: { title: $("list-title").value.trim(), options: { viewType, showItemsIcon: false }, items } });
}));

// ---- the rest

$("back").addEventListener("click", () => {
  $("app").dataset.open = "list";
  state.open = null;
  $("nothing").hidden = false;
  $("opened").hidden = true;
  $("details").replaceChildren();
  remember();
  drawRows();
});
$("search").addEventListener("input", drawRows);
for (const button of document.querySelectorAll("[data-filter]")) {
  button.addEventListener("click", () => {
    state.filter = button.dataset.filter;
    for (const other of document.querySelectorAll("[data-filter]")) {
      other.setAttribute("aria-pressed", other === button);
    }
    drawRows();
  });
}
$("who").addEventListener("change", doing(async () => {
  state.agent = Number($("who").value);
  $("back").click();
  await loadRows();
}));
document.addEventListener("visibilitychange", doing(loadThread));

async function follow() {
  let revision = 0;
  for (;;) {
    try {
      ({ revision } = await call(`/changes?after=${revision}`));
      if (!state.accounts.length || !state.agent) await loadAccounts();
      await loadRows();
      await loadThread();
      await new Promise((resolve) => setTimeout(resolve, 150));
    } catch {
      // The simulators may be starting again; try on.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      revision = 0;
    }
  }
}

await doing(async () => {
  await loadAccounts();
  await loadRows();
  const wanted = Number(new URLSearchParams(location.search).get("conversation"));
  if (state.rows.some((row) => row.id === wanted)) await openThread(wanted);
})();
follow();
