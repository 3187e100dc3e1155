// Messages as a phone shows them, with what only a rehearsal can tell: template or free text, SMS, what became of each.
export function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const STATUS = {
  accepted: "aceptado", sent: "enviado", delivered: "entregado", read: "leído", failed: "no salió", undelivered: "no llegó",
  waiting: "aún no llega a Trato",
};
const FILES = { image: "Foto", audio: "Nota de voz", video: "Video", application: "Documento" };
const REACTIONS = { "👍": "Reaccionar con pulgar arriba", "👎": "Reaccionar con pulgar abajo" };
const THUMB = "M2 10h3v9H2zM7 19V10l4-8c1.500 0 2.500 1 2.500 2.500V8H19c1.200 0 2 1.100 1.800 2.200l-1.500 7.200c-.2 1-1 1.600-2 1.600z";

// A thumb as a picture: many machines have no font for it.
function thumb(emoji) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 22 22", width: 18, height: 18, class: "thumb" })) picture.setAttribute(name, value);
  line.setAttribute("d", THUMB);
  if (emoji === "👎") line.setAttribute("transform", "rotate(180 11 11)");
  picture.append(line);
  return picture;
}

// A moment by the officer's clock; by the browser's where nobody knows the zone.
export const hour = (moment, zone) => new Date(moment).toLocaleString("es-MX", {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined,
});

function way(message) {
  if (message.channel === "sms") return message.segments === 1 ? "SMS" : `${message.segments} SMS`;
  if (message.mine) return "WhatsApp";
  return message.template ? `WhatsApp · plantilla ${message.template}` : "WhatsApp · texto libre";
}

function options(message, isLast, answer) {
  const list = element("div", undefined, { class: isLast ? "options" : "options old", role: "group", "aria-label": "Opciones" });
  for (const option of message.options) {
    const button = element("button", option.label, { type: "button" });
    button.addEventListener("click", () => answer({ text: option.label, button: option.payload, quoted: message.sid }));
    list.append(button);
  }
  return list;
}

function link(text, label, action) {
  const button = element("button", text, { type: "button", "aria-label": label });
  button.addEventListener("click", action);
  return button;
}

// One message. `answer` sends something from this phone, `quote` begins a reply to a message.
export function bubble(message, { isLast, zone, answer, quote }) {
  const lost = message.code !== null;
  const item = element("li", undefined, { class: message.mine ? "me" : lost ? "lost" : "us" });
  item.append(element("span", message.mine ? "Usted: " : "Trato: ", { class: "visually-hidden" }));
  if (message.quoted) item.append(element("blockquote", message.quoted));
  for (const kind of message.files) item.append(element("p", FILES[kind.split("/")[0]] || "Documento"));
  if (message.place) item.append(element("p", "Ubicación"));
  if (message.text in REACTIONS) {
    const said = element("p", undefined, { role: "img", "aria-label": message.text === "👍" ? "Pulgar arriba" : "Pulgar abajo" });
    said.append(thumb(message.text));
    item.append(said);
  } else if (message.text) item.append(element("p", message.text));
  if (message.options.length && !lost) item.append(options(message, isLast, answer));
  const meta = element("div", undefined, { class: "meta" });
  meta.append(element("span", [hour(message.at, zone), way(message), STATUS[message.status]].filter(Boolean).join(" · ")));
  if (lost) meta.append(element("span", `${message.code}: ${message.reason || "código de la operadora"}`, { class: "why" }));
  else if (!message.mine && message.channel === "whatsapp") {
    meta.append(link("Responder", "Responder a este mensaje", () => quote(message)));
    for (const [emoji, label] of Object.entries(REACTIONS)) {
      const button = link("", label, () => answer({ text: emoji, quoted: message.sid }));
      button.append(thumb(emoji));
      meta.append(button);
    }
  }
  item.append(meta);
  for (const said of message.understood) item.append(element("p", said, { class: "understood" }));
  return item;
}
