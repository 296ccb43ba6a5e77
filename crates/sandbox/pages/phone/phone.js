// The phone page: choose a line and a contact, then talk. State lives on the server; the page
// draws what the server says and asks again as soon as something has changed.
const $ = (id) => document.getElementById(id);
const labels = { whatsapp: "WhatsApp", telegram: "Telegram", messenger: "Messenger", instagram: "Instagram" };
const marks = { whatsapp: "WA", telegram: "TG", messenger: "FB", instagram: "IG" };
const now = { lines: [], line: null, people: [], contact: null, thread: null, quote: null, round: 0 };

const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};
const shapes = {
  photo: "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm1 11h14l-4.5-6-3.5 4.5L8.5 12 5 16Zm3-6.2a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8Z",
  file: "M6 2h8l5 5v14a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1Zm7 1.5V8h4.5L13 3.5ZM8 12v1.6h8V12H8Zm0 4v1.6h6V16H8Z",
  mic: "M12 15a3.5 3.5 0 0 0 3.5-3.5v-6a3.5 3.5 0 0 0-7 0v6A3.5 3.5 0 0 0 12 15Zm6-3.5a6 6 0 0 1-12 0H4a8 8 0 0 0 7 7.9V22h2v-2.6a8 8 0 0 0 7-7.9h-2Z",
  video: "M4 6h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1Zm12.5 4.2L21 7.5v9l-4.5-2.7v-3.6Z",
  music: "M9 4.5 20 2v14.2a3.3 3.3 0 1 1-2-3V7l-7 1.6v9.6a3.3 3.3 0 1 1-2-3V4.5Z",
  smile: "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20ZM8.5 8.2a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8Zm7 0a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8ZM7 13.5a5.3 5.3 0 0 0 10 0H7Z",
  album: "M8 3h12a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm1 11h10l-3.2-4.4-2.6 3.2-1.6-1.8L9 14ZM3 7h2v12h12v2H4a1 1 0 0 1-1-1V7Z",
  pin: "M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13S5 14 5 9a7 7 0 0 1 7-7Zm0 4.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z",
  person: "M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm0 2c-4.4 0-8 2.3-8 5.2V21h16v-1.8c0-2.9-3.6-5.2-8-5.2Z",
  clip: "M17.5 6.5v9.8a5.3 5.3 0 0 1-10.6 0V6a3.6 3.6 0 0 1 7.2 0v9.4a1.9 1.9 0 0 1-3.8 0V7h1.6v8.4a.4.4 0 0 0 .6 0V6a2 2 0 0 0-4 0v10.3a3.7 3.7 0 0 0 7.4 0V6.5h1.6Z",
};
function icon(name, pixels = 24) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: pixels, height: pixels, fill: "currentColor", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const shape = document.createElementNS(svg.namespaceURI, "path");
  shape.setAttribute("d", shapes[name]);
  shape.setAttribute("fill-rule", "evenodd");
  svg.append(shape);
  return svg;
}
const api = async (path, body) => {
  const answer = await fetch(path, body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const value = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(value?.error ?? `HTTP ${answer.status}`);
  return value;
};
const path = (rest = "") => `/phone/${now.line.kind}/${now.line.id}/${now.contact}${rest}`;
const time = (ms) => new Date(ms).toLocaleTimeString("es", { hour: "2-digit", minute: "2-digit" });
const day = (ms) => new Date(ms).toLocaleDateString("es", { weekday: "long", day: "numeric", month: "long" });
const initials = (name) => name.split(/\s+/).slice(0, 2).map((word) => word[0] ?? "").join("").toUpperCase();
const size = (bytes) => bytes > 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1000))} kB`;
let toastTimer;
const toast = (text) => {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 3500);
};
const cannot = { 422: "Esta aplicación no tiene esa función." };
const act = async (action) => {
  try {
    await api(path("/send"), action);
  } catch (error) {
    toast(/ has no /.test(error.message) ? cannot[422] : `No se pudo: ${error.message}`);
  }
};

// ---- lines and contacts
async function loadLines() {
  now.lines = await api("/phone/lines");
  $("lines").replaceChildren(...now.lines.map((line) => el("button", {
    class: "line-item", type: "button", "aria-current": String(line === now.line), onclick: () => chooseLine(line),
  }, el("span", { class: `badge ${line.kind}` }, marks[line.kind]),
  el("span", { class: "two" }, el("strong", {}, line.name),
    el("span", {}, `${labels[line.kind]} · ${line.number ? "+" + line.number : line.username ? "@" + line.username : line.id}`)))));
  if (!now.lines.length) $("lines").append(el("p", { class: "empty" }, "Todavía no hay ninguna línea. Crea una desde la consola."));
}
async function loadPeople() {
  if (!now.line) return;
  now.people = await api(`/phone/${now.line.kind}/${now.line.id}/contacts`);
  $("people").replaceChildren(...now.people.map(({ person, last_text, last_at_ms }) => el("li", {}, el("button", {
    type: "button", "aria-current": String(person.id === now.contact), onclick: () => chooseContact(person.id),
  }, el("span", { class: "face", style: `background: hsl(${[...person.name].reduce((sum, c) => sum + c.codePointAt(0) * 47 + sum * 31, 0) % 360} 38% 52%)` }, initials(person.name)),
  el("span", { class: "two" }, el("strong", {}, person.name), el("span", {}, last_text ?? "Sin mensajes todavía")),
  el("span", { class: "when" }, last_at_ms ? time(last_at_ms) : "")))));
  if (!now.people.length) $("people").append(el("li", { class: "empty" }, "Nadie ha escrito aún a esta línea."));
}
async function chooseLine(line, contact) {
  now.line = line;
  now.contact = null;
  await Promise.all([loadLines(), loadPeople()]);
  now.line = now.lines.find((it) => it.kind === line.kind && it.id === line.id) ?? line;
  document.querySelectorAll(".line-item").forEach((node, at) => node.setAttribute("aria-current", String(now.lines[at] === now.line)));
  if (!contact && !now.people.length) {
    contact = (await api(`/phone/${line.kind}/${line.id}/contacts`, { name: "Ana Ruiz" })).id;
    await loadPeople();
  }
  contact ??= now.people[0].person.id;
  if (!now.people.some(({ person }) => person.id === contact)) {
    await api(`/phone/${line.kind}/${line.id}/contacts`, { id: contact });
  }
  await chooseContact(contact, false);
}
async function chooseContact(contact, enter = true) {
  now.contact = contact;
  now.thread = null;
  setQuote(null);
  drawn.clear();
  $("chat").replaceChildren();
  if (enter) $("app").dataset.view = "chat";
  history.replaceState(null, "", `#${now.line.kind}/${now.line.id}/${contact}`);
  await loadPeople();
  follow(++now.round);
}
async function follow(round) {
  let revision = 0;
  while (round === now.round) {
    try {
      const thread = await api(path(`/wait?revision=${revision}`));
      if (round !== now.round) return;
      revision = thread.revision;
      now.thread = thread;
      draw();
      loadPeople();
    } catch {
      await new Promise((done) => setTimeout(done, 1500));
    }
  }
}

// ---- the conversation
const drawn = new Map();
// Pictures grow when they arrive; whoever was at the end stays there.
let stuck = true;
$("chat").addEventListener("load", () => { if (stuck) $("chat").scrollTop = $("chat").scrollHeight; }, true);
$("chat").addEventListener("wheel", () => { stuck = false; }, { passive: true });
$("chat").addEventListener("touchmove", () => { stuck = false; }, { passive: true });
function words(content) {
  const text = content.text ?? "";
  const node = el("div", { class: "words" });
  const spans = (content.entities ?? []).filter((it) => ["bold", "italic", "underline", "strikethrough", "code", "pre", "text_link", "spoiler", "blockquote"].includes(it.type));
  if (!spans.length) {
    if (now.line.kind === "whatsapp") return whatsappWords(node, text);
    node.append(...linked(text));
    return node;
  }
  let at = 0;
  const tags = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "code", text_link: "a", spoiler: "span", blockquote: "q" };
  for (const { type, offset, length, url } of spans) {
    if (offset < at) continue;
    node.append(...linked(text.slice(at, offset)));
    node.append(el(tags[type], type === "text_link" && /^https?:/.test(url) ? { href: url, target: "_blank", rel: "noreferrer" } : {}, text.slice(offset, offset + length)));
    at = offset + length;
  }
  node.append(...linked(text.slice(at)));
  return node;
}
function whatsappWords(node, text) {
  for (const part of text.split(/(\*[^*\n]+\*|_[^_\n]+_|~[^~\n]+~)/)) {
    const inner = part.slice(1, -1);
    if (/^\*.+\*$/.test(part)) node.append(el("b", {}, inner));
    else if (/^_.+_$/.test(part)) node.append(el("i", {}, inner));
    else if (/^~.+~$/.test(part)) node.append(el("s", {}, inner));
    else node.append(...linked(part));
  }
  return node;
}
const linked = (text) => text.split(/(https?:\/\/[^\s]+)/).filter(Boolean).map((part) =>
  /^https?:/.test(part) ? el("a", { href: part, target: "_blank", rel: "noreferrer" }, part) : part);

function media(content) {
  const { kind } = content;
  return [content.media, ...(content.more_media ?? [])].filter(Boolean).map((file) => {
    if (kind === "image") return el("img", { src: file.url, alt: content.text ?? "Imagen", loading: "lazy" });
    if (kind === "sticker") return el("img", { src: file.url, alt: "Sticker", class: "sticker" });
    if (["video", "animation", "video_note"].includes(kind)) return el("video", { src: file.url, controls: "", preload: "metadata" });
    if (kind === "voice") return el("div", { class: "note-voice" }, icon("mic", 20), el("audio", { src: file.url, controls: "", preload: "metadata", "aria-label": "Nota de voz" }));
    if (kind === "audio") return el("audio", { src: file.url, controls: "", preload: "metadata" });
    const name = file.name ?? "Documento";
    return el("a", { class: "doc", href: file.url, target: "_blank", rel: "noreferrer" },
      el("span", { class: "mark" }, (name.split(".").pop() ?? "").slice(0, 4).toUpperCase()),
      el("span", {}, el("b", {}, name), el("span", {}, size(file.size))));
  });
}
function tappable(message, button) {
  if (button.url) return el("a", { href: button.url, target: "_blank", rel: "noreferrer" }, `${button.title} ↗`);
  return el("button", { type: "button", onclick: () => act({ type: "tap", message_id: message.id, button_id: button.id }) }, button.title);
}
function buttonRows(message, buttons) {
  const rows = new Map();
  for (const button of buttons) rows.set(button.row, [...(rows.get(button.row) ?? []), button]);
  return el("div", { class: "buttons" }, ...[...rows.values()].map((row) => el("div", { class: "rowline" }, ...row.map((button) => tappable(message, button)))));
}
function openList(message) {
  sheet(message.content.list_label, el("div", { class: "menu" }, ...message.content.buttons.map((row) => el("button", {
    type: "button", onclick: () => { closeSheet(); act({ type: "tap", message_id: message.id, button_id: row.id }); },
  }, row.title, row.description ? el("small", {}, row.description) : null))));
}
function bubble(message, previous) {
  const { content } = message;
  const mine = message.from === "contact";
  const bare = content.kind === "sticker" && content.media && !message.deleted;
  const turn = !previous || previous.from !== message.from;
  const inside = [];
  const quoted = message.reply_to && now.thread.messages.find((it) => it.id === message.reply_to);
  if (quoted) inside.push(el("div", { class: "quoted" }, quoted.content.text ?? "Archivo"));
  if (message.deleted) inside.push(el("div", { class: "deleted" }, "Se eliminó este mensaje"));
  else {
    if (content.header) inside.push(el("div", { class: "head" }, content.kind === "template" ? `Plantilla: ${content.header}` : content.header));
    inside.push(...media(content));
    if (content.place) {
      const { latitude, longitude, name, address } = content.place;
      inside.push(el("a", { class: "place", href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}`, target: "_blank", rel: "noreferrer" },
        el("span", { class: "mark" }, icon("pin")), el("span", {}, el("b", {}, name ?? "Ubicación"), el("span", {}, address ?? `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`))));
    }
    for (const card of content.cards ?? []) inside.push(el("div", { class: "card" }, el("span", { class: "mark" }, icon("person")), el("span", {}, el("b", {}, card.name), el("span", {}, card.phone))));
    if (content.text) inside.push(words(content));
    if (content.footer) inside.push(el("div", { class: "foot" }, content.footer));
  }
  const ticks = mine && now.line.kind !== "instagram" ? el("span", { class: `ticks ${message.tick}`, title: { sent: "Enviado", delivered: "Entregado", read: "Leído" }[message.tick] }, message.tick === "sent" ? "✓" : "✓✓") : null;
  inside.push(el("div", { class: "meta" }, message.edited ? "editado · " : "", time(message.at_ms), ticks));
  const row = el("div", { class: `row ${message.from}${turn ? " turn" : ""}${bare ? " bare" : ""}` },
    content.elements?.length ? null : el("div", { class: "bubble" }, ...inside),
    el("button", { class: "dots", type: "button", "aria-label": "Opciones del mensaje", onclick: () => openMessage(message) }, "⋯"));
  if (content.elements?.length) {
    row.prepend(el("div", { class: "cards" }, ...content.elements.map((card) => el("article", {},
      card.image_url ? el("img", { src: card.image_url, alt: "" }) : null, el("b", {}, card.title), card.subtitle ? el("p", {}, card.subtitle) : null,
      buttonRows(message, card.buttons)))));
  }
  if (!message.deleted) {
    if (content.list_label) row.append(el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => openList(message) }, `☰ ${content.list_label}`)));
    else {
      const inline = (content.buttons ?? []).filter((it) => !["quick_reply", "keyboard"].includes(it.action));
      if (inline.length) row.append(buttonRows(message, inline));
    }
  }
  const reactions = Object.values(message.reactions ?? {});
  if (reactions.length) row.firstElementChild.after(el("span", { class: "react" }, reactions.join(" ")));
  return row;
}
function draw() {
  const { thread } = now;
  const chat = $("chat");
  const low = !drawn.size || chat.scrollHeight - chat.scrollTop - chat.clientHeight < 120;
  $("phone").className = `phone ${now.line.kind}`;
  $("name").textContent = now.line.name;
  $("avatar").textContent = initials(now.line.name);
  $("state").textContent = thread.person.blocked ? "Bloqueado" : thread.typing ? "Escribiendo…" : `Tú eres ${thread.person.name}`;
  const wanted = [];
  let lastDay = "";
  thread.messages.forEach((message, at) => {
    const today = day(message.at_ms);
    if (today !== lastDay) wanted.push([`day ${today}`, today, () => el("div", { class: "day" }, today)]);
    lastDay = today;
    wanted.push([message.id, JSON.stringify(message), () => bubble(message, thread.messages[at - 1])]);
  });
  if (!thread.messages.length) {
    const start = now.line.kind !== "whatsapp";
    wanted.push(["hello", "hello", () => el("div", { class: "hello" }, start ? "Aún no hay mensajes. Pulsa para empezar la conversación." : `Escribe el primer mensaje a ${now.line.name}.`,
      start ? el("div", {}, el("button", { type: "button", onclick: () => act({ type: "start" }) }, now.line.kind === "telegram" ? "INICIAR" : "Empezar")) : null)]);
  }
  if (thread.typing) wanted.push(["typing", "typing", () => el("div", { class: "row business turn typing", "aria-label": "Escribiendo" }, el("div", { class: "bubble" }, el("i"), el("i"), el("i")))]);
  const keep = new Set(wanted.map(([id]) => id));
  for (const [id, { node }] of drawn) if (!keep.has(id)) { node.remove(); drawn.delete(id); }
  wanted.forEach(([id, print, make], at) => {
    const old = drawn.get(id);
    if (!old || old.print !== print) {
      const node = make();
      old?.node.replaceWith(node);
      drawn.set(id, { print, node });
    }
    const { node } = drawn.get(id);
    if (chat.children[at] !== node) chat.insertBefore(node, chat.children[at] ?? null);
  });
  const last = thread.messages.at(-1);
  const offers = last?.from === "business" ? (last.content.buttons ?? []).filter((it) => ["quick_reply", "keyboard"].includes(it.action)) : [];
  $("quick").replaceChildren(...offers.map((button) => tappable(last, button)));
  if (low) chat.scrollTop = chat.scrollHeight;
  stuck = low;
  if (thread.typing) setTimeout(() => now.thread === thread && api(path("/messages")).then((fresh) => { now.thread = fresh; draw(); }), 3000);
  if (document.visibilityState === "visible" && thread.messages.some((it) => it.from === "business" && it.tick !== "read") && now.line.kind !== "telegram") act({ type: "read" });
}

// ---- sheets
function sheet(title, ...children) {
  $("sheet").replaceChildren(el("div", { role: "dialog", "aria-label": title }, el("h3", {}, title), ...children));
  $("sheet").hidden = false;
  $("sheet").querySelector("button, input")?.focus();
}
const closeSheet = () => { $("sheet").hidden = true; };
function ask(title, fields, go) {
  const inputs = fields.map(([name, label, value]) => [name, el("label", {}, label, el("input", { name, value, required: "" }))]);
  sheet(title, el("form", { class: "form", onsubmit: (event) => {
    event.preventDefault();
    closeSheet();
    go(Object.fromEntries(new FormData(event.target)));
  } }, ...inputs.map(([, node]) => node), el("button", { class: "go", type: "submit" }, "Aceptar")));
}
function openMessage(message) {
  const mine = message.from === "contact";
  const option = (label, go) => el("button", { type: "button", onclick: () => { closeSheet(); go(); } }, label);
  const mark = Object.entries(message.reactions ?? {}).find(([who]) => who === "contact")?.[1];
  const menu = [option("Responder", () => setQuote(message))];
  if (mark) menu.push(option("Quitar la reacción", () => act({ type: "reaction", message_id: message.id, emoji: "" })));
  if (mine && message.content.text) menu.push(option("Editar", () => ask("Editar el mensaje", [["text", "Texto", message.content.text]], ({ text }) => act({ type: "edit", message_id: message.id, text }))));
  if (mine && ["whatsapp", "instagram"].includes(now.line.kind)) menu.push(option("Eliminar para todos", () => act({ type: "delete", message_id: message.id })));
  sheet("Mensaje", el("div", { class: "emojis" }, ...["👍", "❤️", "😂", "😮", "😢", "🙏"].map((emoji) => el("button", {
    type: "button", "aria-label": `Reaccionar con ${emoji}`, onclick: () => { closeSheet(); act({ type: "reaction", message_id: message.id, emoji }); },
  }, emoji))), el("div", { class: "menu" }, ...menu));
}
function setQuote(message) {
  now.quote = message;
  $("quote").hidden = !message;
  if (message) {
    $("quote").replaceChildren(el("span", {}, message.content.text ?? "Archivo"), el("button", { type: "button", "aria-label": "No responder", onclick: () => setQuote(null) }, "✕"));
    $("text").focus();
  }
}
$("attach").onclick = () => {
  const item = (shape, label, go) => el("button", { type: "button", onclick: () => { closeSheet(); go(); } }, el("span", {}, icon(shape, 26)), label);
  sheet("Enviar", el("div", { class: "grid" },
    item("photo", "Foto", () => act({ type: "image", caption: $("text").value || null })),
    item("file", "PDF", () => act({ type: "document" })),
    item("mic", "Voz", () => act({ type: "voice" })),
    item("video", "Video", () => act({ type: "video" })),
    item("music", "Audio", () => act({ type: "audio" })),
    item("smile", "Sticker", () => act({ type: "sticker" })),
    item("album", "Álbum", () => act({ type: "album", files: [{}, { sample: "imagen.png" }, {}] })),
    now.line.kind === "instagram" ? "" : item("pin", "Ubicación", () => act({ type: "location", latitude: -34.6037, longitude: -58.3816, name: "Obelisco", address: "Av. 9 de Julio, Buenos Aires" })),
    item("person", "Contacto", () => act({ type: "contact", name: "Bruno Paz", phone: "+54 9 11 5555 0000" })),
    item("clip", "Archivo…", () => $("file").click())));
};
$("file").onchange = async () => {
  const [file] = $("file").files;
  $("file").value = "";
  if (!file) return;
  const data = await new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(",")[1]);
    reader.readAsDataURL(file);
  });
  const type = { image: "image", video: "video", audio: "audio" }[file.type.split("/")[0]] ?? "document";
  act({ type, data, mime: file.type || "application/octet-stream", name: file.name });
};
$("more").onclick = () => {
  if (!now.thread) return;
  const { blocked, name } = now.thread.person;
  const option = (label, hint, go) => el("button", { type: "button", onclick: () => { closeSheet(); go(); } }, label, hint ? el("small", {}, hint) : null);
  const menu = [
    option(blocked ? "Desbloquear" : "Bloquear", blocked ? null : "Los mensajes de la empresa ya no llegarán.", () => act({ type: blocked ? "unblock" : "block" })),
    option("Avanzar el reloj 24 horas", "Para ver qué pasa cuando se cierra la ventana de respuesta.", () => api("/clock", { advance_ms: 86460000 }).then(() => toast("El reloj avanzó 24 horas."))),
  ];
  if (now.line.kind !== "whatsapp") menu.unshift(option(now.line.kind === "telegram" ? "Enviar /start" : "Pulsar «Empezar»", null, () => act({ type: "start" })));
  if (now.line.kind !== "telegram") menu.push(option("Alguien de la empresa responde por su cuenta", "Como si contestara desde la bandeja o el teléfono de la empresa.", () => ask("Responder por fuera", [["text", "Texto", "Hola, le atiendo desde aquí."]], ({ text }) => act({ type: "external", text }))));
  sheet(name, el("div", { class: "menu" }, ...menu));
};
$("sheet").onclick = (event) => { if (event.target === $("sheet")) closeSheet(); };
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeSheet(); });
$("composer").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !now.contact) return;
  $("text").value = "";
  const reply_to = now.quote?.id;
  setQuote(null);
  $("chat").scrollTop = $("chat").scrollHeight;
  act({ type: "text", text, reply_to });
};
$("voice").onclick = () => now.contact && act({ type: "voice" });
$("back").onclick = () => { $("app").dataset.view = "chats"; loadPeople(); };
$("add").onclick = async () => {
  if (!now.line) return;
  $("app").dataset.view = "chat";
  ask("Nuevo contacto", [["name", "Nombre", "Luis Vega"]], async ({ name }) => chooseContact((await api(`/phone/${now.line.kind}/${now.line.id}/contacts`, { name })).id));
};

// ---- start
await loadLines();
const [kind, account, contact] = location.hash.slice(1).split("/");
const wanted = now.lines.find((line) => line.kind === kind && line.id === account);
if (wanted) $("app").dataset.view = "chat";
if (now.lines.length) await chooseLine(wanted ?? now.lines[0], wanted ? contact : undefined);
