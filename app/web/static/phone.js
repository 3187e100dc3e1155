// The simulated phone: shows what reached a number and posts what its owner does. The server is the only truth; this page
// asks it for changes and draws them.
import { bubble, element, hour } from "./bubbles.js";
import { wireFaults } from "./faults.js";

const $ = (selector) => document.querySelector(selector);
const chosen = { number: new URLSearchParams(location.search).get("n"), seen: "", phones: [], quoted: null, names: {}, named: 0 };
const narrow = matchMedia("(max-width: 44rem)");

export async function ask(path, body) {
  const response = await fetch("/phone/api/" + path, body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (response.ok) return response.json();
  const told = await response.json().catch(() => ({}));
  throw new Error(typeof told.detail === "string" ? told.detail : "No se pudo: " + response.status);
}

const labelled = (phone) => (chosen.names[phone.number] && !phone.label.includes(" ") ? `${chosen.names[phone.number]} · ${phone.label}` : phone.label);
const path = (tail = "") => `phones/${encodeURIComponent(chosen.number)}${tail}`;

function drawPhones() {
  const wanted = $("#filter").value.trim().toLowerCase();
  const shown = chosen.phones.filter((phone) => (phone.number + labelled(phone)).toLowerCase().includes(wanted));
  const drawn = JSON.stringify([chosen.named, shown, chosen.number]);
  const moved = !chosen.drawn?.endsWith(`"${chosen.number}"]`);
  if (drawn === chosen.drawn) return;
  chosen.drawn = drawn;
  const focused = document.activeElement?.dataset.number;
  $("#phones").replaceChildren(...shown.map((phone) => {
    const button = element("button", labelled(phone), { type: "button", "aria-current": phone.number === chosen.number, "data-number": phone.number });
    button.append(element("small", phone.messages || "", phone.messages ? { "aria-label": `${phone.messages} mensajes` } : {}));
    button.addEventListener("click", () => choose(phone.number));
    const item = element("li");
    item.append(button);
    return item;
  }));
  if (moved) document.querySelector("#phones [aria-current='true']")?.scrollIntoView({ block: "nearest" });
  if (focused) document.querySelector(`#phones [data-number="${CSS.escape(focused)}"]`)?.focus();
}

function choose(number) {
  chosen.number = number;
  chosen.seen = "";
  quote(null);
  history.replaceState(null, "", "?n=" + encodeURIComponent(number));
  if (narrow.matches) $("#drawer").open = false;
  act(async () => {});
}

function quote(message) {
  chosen.quoted = message;
  $("#quoting").hidden = !message;
  $("#quoting span").textContent = message ? "Respuesta a: " + message.text : "";
  if (message) $("#text").focus();
}

const local = (moment) => hour(moment, chosen.zone);

function standing(found, held) {
  if (!found) return "Número desconocido: no es de ningún oficial.";
  const said = [];
  if (found.status === "opted_out") said.push("Pidió BAJA");
  if (found.status === "blocked") said.push("No se le puede escribir");
  if (found.consent === "no_consent") said.push("Sin consentimiento");
  if (found.consent === "notice_changed") said.push("Falta que acepte el aviso nuevo");
  said.push(...held.map((one) => one.replace(/\.$/, "")));
  if (found.paused_until) said.push("En pausa hasta el " + local(found.paused_until));
  if (found.flow) said.push(`${found.title}, paso «${found.step}»; si no contesta, sigue el ${local(found.wakes_at)}`);
  else said.push("Sin conversación abierta");
  said.push(found.next_at ? `Próximo envío: ${found.next_title}, ${local(found.next_at)}` : "No sigue ningún envío");
  return said.join(" · ");
}

function meter(sms) {
  if (!sms) return "";
  const why = sms.forced_by ? ` por «${sms.forced_by}»` : "";
  return `Nuestro último SMS: ${sms.characters} caracteres en ${sms.encoding}${why}, ${sms.segments} SMS.`;
}

async function refresh() {
  if (!chosen.number) return;
  const phone = await ask(path());
  if (phone.number !== chosen.number) return;
  chosen.zone = phone.standing?.timezone;
  $("#title").textContent = labelled(phone);
  $("#window").textContent = phone.window;
  $("#standing").textContent = standing(phone.standing, phone.held);
  $("#meter").textContent = meter(phone.sms);
  for (const control of $("#compose").elements) control.disabled = false;
  for (const button of document.querySelectorAll("[data-to]")) button.disabled = !(button.dataset.to === "next" ? phone.standing?.next_at : phone.standing?.wakes_at);
  $("#save").hidden = !phone.messages.length || !phone.standing;
  $("#save").href = "/phone/api/" + path("/transcript");
  draw(phone);
}

function draw(phone) {
  const seen = [phone.number, phone.version, ...phone.messages.map((message) => message.understood.length)].join(" ");
  if (seen === chosen.seen) return;
  chosen.seen = seen;
  const list = $("#messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const last = phone.messages.findLastIndex((message) => !message.mine && message.code === null);
  const known = list.dataset.number === phone.number ? list.children : [];
  const signs = phone.messages.map((message) => JSON.stringify([message, message === phone.messages[last]]));
  // Only what is new or changed is drawn, so that a screen reader says each message once.
  const items = phone.messages.map((message, index) =>
    known[index]?.dataset.sign === signs[index] ? known[index] : bubble(message, { isLast: index === last, zone: chosen.zone, answer: send, quote }));
  items.forEach((item, index) => { item.dataset.sign = signs[index]; });
  items.forEach((item, index) => { if (list.children[index] !== item) list.children[index] ? list.children[index].replaceWith(item) : list.append(item); });
  while (list.children.length > items.length) list.lastChild.remove();
  const moved = list.dataset.number !== phone.number;
  list.dataset.number = phone.number;
  if (moved || atEnd) list.scrollTop = list.scrollHeight;
}

function send(what) {
  const body = { channel: $("#channel").value, quoted: chosen.quoted?.sid ?? null, ...what };
  quote(null);
  act(() => ask(path(), body));
}

async function act(action) {
  try {
    await action();
    await poll();
    $("#error").textContent = "";
  } catch (error) {
    $("#error").textContent = error instanceof TypeError ? "Trato no contesta." : error.message;
  }
}

async function poll() {
  const state = await ask("phones");
  chosen.phones = state.phones;
  $("#now").textContent = local(state.now);
  for (const button of document.querySelectorAll("[data-hours]")) button.disabled = !state.movable;
  if (state.names && state.phones.length !== chosen.named) {
    chosen.names = await ask("names");
    chosen.named = state.phones.length;
  }
  if (!chosen.number && state.mine) chosen.number = state.mine;
  drawPhones();
  await refresh();
}

$("#compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("#text").value;
  const kind = $("#kind").value;
  if (kind === "text" && !text.trim()) return;
  $("#text").value = "";
  $("#kind").value = "text";
  send({ text, kind });
});
$("#text").addEventListener("keydown", (event) => {
  if (event.key === "Escape") quote(null);
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("#compose").requestSubmit();
  }
});
$("#unquote").addEventListener("click", () => { quote(null); $("#text").focus(); });
$("#filter").addEventListener("input", drawPhones);
$("#add").addEventListener("submit", (event) => {
  event.preventDefault();
  act(async () => {
    const made = await ask("phones", { number: $("#number").value });
    $("#number").value = "";
    choose(made.number);
  });
});
for (const button of document.querySelectorAll("[data-hours]")) {
  button.addEventListener("click", () => act(() => ask("clock", { hours: Number(button.dataset.hours) })));
}
for (const button of document.querySelectorAll("[data-to]")) {
  button.addEventListener("click", () => act(() => ask("clock", { to: button.dataset.to, number: chosen.number })));
}
if (narrow.matches) $("#drawer").open = false;
wireFaults(ask, act);
setInterval(() => act(async () => {}), 1000);
act(async () => {});
