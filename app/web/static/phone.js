// The simulated phone: shows what reached a number and posts what its owner types. The server is the only truth; this
// page asks it for changes and draws them.
const $ = (selector) => document.querySelector(selector);
const chosen = { number: new URLSearchParams(location.search).get("n"), seen: -1, phones: [] };

async function ask(path, body) {
  const response = await fetch(path, body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).detail || "No se pudo: " + response.status);
  return response.json();
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const STATUS = {
  accepted: "aceptado", sent: "enviado", delivered: "entregado", read: "leído", failed: "no salió", undelivered: "no llegó",
};
const hour = (moment) => new Date(moment).toLocaleString("es-MX", { dateStyle: "short", timeStyle: "short" });

function drawPhones() {
  const wanted = $("#filter").value.trim().toLowerCase();
  $("#phones").replaceChildren(...chosen.phones
    .filter((phone) => (phone.number + phone.label).toLowerCase().includes(wanted))
    .map((phone) => {
      const button = element("button", phone.label, { type: "button", "aria-current": phone.number === chosen.number });
      button.append(element("small", phone.messages || ""));
      button.addEventListener("click", () => choose(phone.number));
      const item = element("li");
      item.append(button);
      return item;
    }));
}

function choose(number) {
  chosen.number = number;
  chosen.seen = -1;
  history.replaceState(null, "", "?n=" + encodeURIComponent(number));
  drawPhones();
  refresh();
}

function bubble(message, last) {
  const item = element("li", message.text, { class: message.mine ? "me" : "us" });
  if (message.options.length && last) {
    const options = element("div", undefined, { class: "options" });
    for (const option of message.options) {
      const button = element("button", option.label, { type: "button" });
      button.addEventListener("click", () => send(option.label, option.payload));
      options.append(button);
    }
    item.append(options);
  }
  item.append(element("small", [hour(message.at), message.channel === "sms" ? "SMS" : "WhatsApp", STATUS[message.status]].filter(Boolean).join(" · ")));
  return item;
}

async function refresh() {
  if (!chosen.number) return;
  const phone = await ask("/phone/api/phones/" + encodeURIComponent(chosen.number));
  $("#title").textContent = phone.label;
  $("#window").textContent = phone.window;
  for (const control of $("#compose").elements) control.disabled = false;
  if (phone.version === chosen.seen) return;
  chosen.seen = phone.version;
  const list = $("#messages");
  list.replaceChildren(...phone.messages.map((message, index) => bubble(message, index === phone.messages.length - 1)));
  list.scrollTop = list.scrollHeight;
}

async function send(text, button) {
  const body = { text, channel: $("#channel").value, button: button || null };
  await act(() => ask("/phone/api/phones/" + encodeURIComponent(chosen.number), body));
}

async function act(action) {
  try {
    await action();
    await poll();
    $("#error").textContent = "";
  } catch (error) {
    $("#error").textContent = error.message;
  }
}

async function poll() {
  const state = await ask("/phone/api/phones");
  chosen.phones = state.phones;
  $("#now").textContent = hour(state.now);
  if (!chosen.number && state.mine) chosen.number = state.mine;
  drawPhones();
  await refresh();
}

$("#compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("#text").value;
  $("#text").value = "";
  if (text.trim()) send(text);
});
$("#text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    $("#compose").requestSubmit();
  }
});
$("#filter").addEventListener("input", drawPhones);
for (const button of document.querySelectorAll("[data-hours]")) {
  button.addEventListener("click", () => act(() => ask("/phone/api/clock", { hours: Number(button.dataset.hours) })));
}
setInterval(() => act(async () => {}), 1000);
act(async () => {});
