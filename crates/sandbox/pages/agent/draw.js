// Draws messages. Everything a person wrote becomes text nodes, never markup.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value;
    else if (value === true) node.setAttribute(name, name.startsWith("aria-") ? "true" : "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const icons = {
  lock: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 018 0v3"/>',
  history: '<path d="M4 12a8 8 0 108-8 8 8 0 00-7 4M4 4v4h4M12 8v4l3 2"/>',
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.innerHTML = icons[name];
  return svg;
}

const colours = ["#3f7d6e", "#7a6aa8", "#b0694f", "#4a7fa5", "#8a7a3c", "#a3577b"];

export function face(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") || "?";
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return el("span", { class: "face", "aria-hidden": true, text: letters, style: `background:${colours[sum % colours.length]}` });
}

const clock = new Intl.DateTimeFormat("es", { hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat("es", { weekday: "long", day: "numeric", month: "long" });
const dayShort = new Intl.DateTimeFormat("es", { day: "numeric", month: "short" });

export function timeOf(ms, short = false) {
  const date = new Date(ms);
  const today = date.toDateString() === new Date().toDateString();
  if (short) return today ? clock.format(date) : dayShort.format(date);
  return today ? `Hoy, ${clock.format(date)}` : `${dayName.format(date)}, ${clock.format(date)}`;
}

// Text with its web addresses as links.
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((piece, place) => {
    if (place % 2 === 0) return document.createTextNode(piece);
    const address = piece.replace(/[.,;:!?)\]]+$/, "");
    const link = el("a", { href: address, target: "_blank", rel: "noopener noreferrer", text: address });
    return el("span", {}, link, piece.slice(address.length));
  });
}

const size = (bytes) =>
  bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;

function fileOf({ name, mime, size: bytes, url }) {
  // Files that go as plain bytes are still shown as what their name says.
  const extension = (name.split(".").pop() ?? "").toLowerCase();
  const kind = mime === "application/octet-stream"
    ? { ogg: "audio", oga: "audio", opus: "audio", mp3: "audio", m4a: "audio", webp: "image" }[extension]
    : mime.split("/")[0];
  if (kind === "image" && !/tiff/.test(mime)) {
    return el("a", { href: url, target: "_blank", rel: "noopener" }, el("img", { class: "photo", src: url, alt: name }));
  }
  if (kind === "audio") return el("audio", { controls: true, src: url, title: name });
  if (kind === "video") return el("video", { class: "photo", controls: true, src: url, title: name });
  return el("a", { class: "doc", href: url, download: name, target: "_blank", rel: "noopener" },
    el("span", { class: "kind", text: extension.slice(0, 4).toUpperCase() || "ARCH" }),
    el("span", {}, el("b", { text: name }), el("small", { text: size(bytes) })));
}

function offerOf(list) {
  const items = (list.items ?? []).map((item) =>
    el("li", { text: `${item.type === "link" ? "↗ " : ""}${item.payload?.label ?? ""}`, title: item.payload?.url ?? item.payload?.message ?? "" }));
  return el("div", { class: `offer as-${list.options?.viewType ?? "list"}` },
    el("b", { text: list.title ?? "" }), el("ul", {}, ...items));
}

const systemTexts = {
  closed: (who) => `${who} cerró la conversación`,
  reopened: (who) => `La conversación se abrió de nuevo: escribió ${who}`,
  transferred: (who) => `${who} transfirió la conversación a otro grupo`,
  group_assigned: (who) => `${who} asignó un grupo`,
};

function contentOf(message) {
  if (message.kind === "file") return [fileOf(message.file)];
  if (message.kind === "actions") return [offerOf(message.actions)];
  return linked(message.text ?? "");
}

function historyOf(message) {
  const body = el("div", { class: "body", tabindex: "0" });
  body.append(...linked(message.text));
  return el("section", { class: "history", "aria-label": "Lo que pasó antes" },
    el("header", {}, icon("history"), "Lo que pasó antes de llegar a ti", el("time", { text: timeOf(message.at_ms) })),
    body);
}

function lineOf(message, same, lastOfRun) {
  const bubble = el("div", { class: "bubble" });
  if (message.internal) {
    bubble.append(el("div", { class: "note-tag" }, icon("lock"), "Nota interna: el cliente no la ve"));
  }
  if (message.kind === "file" && /^(image|video|audio)\//.test(message.file.mime)) bubble.classList.add("media");
  bubble.append(...contentOf(message));
  const line = el("div", { class: `line ${message.by}${message.internal ? " note" : ""}${same ? " same" : ""}` });
  if (!same && message.by !== "me") line.append(el("div", { class: "by", text: message.author }));
  line.append(bubble);
  if (lastOfRun) line.append(el("div", { class: "at", text: clock.format(new Date(message.at_ms)) }));
  return line;
}

// All messages, oldest first; the first one carries what the bot and the client said before.
export function draw(messages) {
  const nodes = [];
  let day = "";
  messages.forEach((message, place) => {
    const date = new Date(message.at_ms).toDateString();
    if (place === 0 && message.by === "client" && message.kind === "text") {
      nodes.push(historyOf(message));
      day = date;
      return;
    }
    if (date !== day) {
      day = date;
      nodes.push(el("div", { class: "day", text: dayName.format(new Date(message.at_ms)) }));
    }
    if (message.by === "system") {
      const tell = systemTexts[message.text];
      nodes.push(el("div", { class: "system", text: tell ? tell(message.author) : message.text }));
      return;
    }
    const alike = (other, otherPlace) => other && otherPlace > 0 && other.by === message.by &&
      other.author === message.author && other.internal === message.internal &&
      Math.abs(other.at_ms - message.at_ms) < 180_000;
    nodes.push(lineOf(message, alike(messages[place - 1], place - 1), !alike(messages[place + 1], place + 1)));
  });
  return nodes;
}
