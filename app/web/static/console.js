// The console works without this script: every act is a form. The script draws a page anew when anything has changed, counts
// down WhatsApp's 24 hours, counts the SMS of an answer or a text, and lets arrow keys walk the list.
const $ = (selector) => document.querySelector(selector);
const $$ = (within, selector) => [...within.querySelectorAll(selector)];
const EVERY = 5000, AGAIN = 60000;
const FOCUSED = "a, button, summary";
const GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[\]~|€]*$/;
const DOUBLE = /[\^{}\\[\]~|€]/g;

// News come by a stream as long as the page is looked at. Without one (there are too many, the session is over, the server is away), the
// page asks every few seconds, and tries a stream again a minute later.
let stream = null, tried = 0, drawn = 0, drawing = false, latest = null;

function listen() {
  if (document.hidden) { stream?.close(); stream = null; return; }
  if (stream && stream.readyState !== EventSource.CLOSED) return;
  if (Date.now() - tried < AGAIN) { ask().catch(() => {}); return; }
  tried = Date.now();
  stream = new EventSource("/console/events");
  stream.onmessage = (event) => hear(JSON.parse(event.data));
  stream.onerror = () => { if (stream?.readyState === EventSource.CLOSED) ask().catch(() => {}); };
}

async function ask() {
  const answer = await fetch("/console/news", { headers: { Accept: "application/json" } });
  if (answer.status === 401) { $("#over").hidden = false; return; }
  if (answer.ok) hear(await answer.json());
}

function hear(news) {
  latest = news;
  if ($("#badge") && news.open !== undefined) {
    $("#badge").textContent = news.open;
    $("#badge").hidden = !news.open;
  }
  draw().catch(() => {});
}

// Not more often than every few seconds, and not while somebody fills in a field of it.
async function draw() {
  const live = $("#live");
  if (!live || !latest || drawing || live.dataset.version === latest[live.dataset.news]) return;
  if (Date.now() - drawn < EVERY || live.querySelector("input:focus, select:focus")) return;
  drawing = true;
  try { await redraw(live); } finally { drawing = false; drawn = Date.now(); }
}

async function redraw(live) {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#live");
  if (!fresh) return;
  const place = placeOf(live, document.activeElement);
  const open = live.querySelector(".danger details")?.open;
  live.replaceWith(document.adoptNode(fresh));
  if (open) fresh.querySelector(".danger details")?.setAttribute("open", "");
  document.title = page.title;
  if (place) (document.getElementById(place.id) ?? $$(fresh, FOCUSED)[place.number] ?? fresh.querySelector("a"))?.focus();
}

// Where the keyboard is within a part that is about to be drawn anew: by its id, else by its number among what can have it.
function placeOf(live, element) {
  const number = $$(live, FOCUSED).indexOf(element);
  return number < 0 ? null : { id: element.id, number };
}

// Work that takes long: how much of it is done, and the page anew once it is over.
async function follow() {
  const busy = $("[data-busy]");
  if (!busy || document.hidden) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const far = page.querySelector("[data-busy] [data-far]");
  if (far) busy.querySelector("[data-far]").replaceWith(document.adoptNode(far));
  else location.reload();
}

function countDown() {
  const left = $("[data-left]");
  if (!left) return;
  const until = Date.now() + 1000 * left.dataset.left;
  setInterval(() => {
    const minutes = Math.max(Math.floor((until - Date.now()) / 60000), 0);
    left.textContent = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }, 15000);
}

function segments(text) {
  const gsm = GSM.test(text);
  const units = gsm ? text.length + (text.match(DOUBLE)?.length ?? 0) : text.length;
  const [one, many] = gsm ? [160, 153] : [70, 67];
  return units <= one ? 1 : Math.ceil(units / many);
}

// Also for what was typed before this ran, or what the browser has kept.
function countSegments() {
  const text = $("#text"), shown = $("#segments");
  if (text && shown) shown.textContent = text.value.trim() ? shown.dataset.text.replace("#", segments(text.value)) : "";
}

// The messages that a text of a programme makes, with what stands around it and a usual value for each variable; the letters of a button.
function countText(area) {
  const shown = document.getElementById(`${area.id}-count`);
  if (!shown) return;
  const { typical, facts, plain } = area.form.dataset;
  const known = JSON.parse(facts);
  const filled = area.value.trim().replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => known[name] ?? typical);
  const letters = [...area.value.trim()].reduce((sum, one) => sum + one.length, 0), limit = Number(area.dataset.limit);
  const said = [];
  if (area.dataset.before !== undefined && letters) {
    const message = area.dataset.before + filled + area.dataset.after;
    said.push(shown.dataset.sms.replace("#", segments(plain === undefined ? message : simple(message))));
  }
  if (limit) said.push(shown.dataset.letters.replace("#", letters).replace("@", limit));
  shown.textContent = said.join(" · ");
  shown.classList.toggle("over", limit > 0 && letters > limit);
}

// As `sms: {plain: true}` sends it: without the accents that an SMS has no letters for.
function simple(text) {
  return text.normalize("NFC").replace(/[áíóúÁÍÓÚ]/g, (letter) => letter.normalize("NFD")[0]).replace(/[«»“”]/g, '"').replace(/[‘’]/g, "'").replace(/[–—]/g, "-");
}

document.addEventListener("input", (event) => {
  if (event.target.id === "text") countSegments();
  if (event.target.closest("#texts") && event.target.matches("textarea")) countText(event.target);
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...document.querySelectorAll("#cases .what > a")];
  const place = links.indexOf(document.activeElement);
  if (!step || place < 0) return;
  event.preventDefault();
  links[Math.min(Math.max(place + step, 0), links.length - 1)].focus();
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "again" in form.dataset) return; // a download leaves the page as it is
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", countSegments);
addEventListener("pageshow", () => document.querySelectorAll("#texts textarea").forEach(countText));
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

countDown();
countSegments();
listen();
document.addEventListener("visibilitychange", listen);
setInterval(() => { listen(); draw().catch(() => {}); }, EVERY);
setInterval(() => follow().catch(() => {}), 2000);
