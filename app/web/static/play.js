// The phone beside the editors. It sends the unsaved text with all that the officer did so far, and shows the conversation that comes of it; after
// each change of the text, the same moves again.
const WAIT = 800;

export function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}

// The answer to a form, as JSON; null if there is none. A session that is over is shown on the page.
export async function answerTo(address, fields) {
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(fields) });
    if (answer.status === 401) document.querySelector("#over").hidden = false;
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// `fields` gives the unsaved text as fields of a form. The function that it returns tells that the text has changed.
export function phone(fields) {
  const box = document.querySelector("#phone");
  const [talk, wrong, options, form] = ["ol", ".error", ".options", "form"].map((one) => box.querySelector(one));
  const flow = box.querySelector("[name=flow]");
  let moves = [], timer = 0, latest = 0;

  async function play() {
    clearTimeout(timer);
    const own = ++latest;
    const typed = [...fields()].filter(([name]) => name !== "flow" && name !== "moves");
    const said = await answerTo(box.dataset.play, [...typed, ["flow", flow.value], ["moves", JSON.stringify(moves)]]);
    if (own === latest) show(said ?? { wrong: box.dataset.failed });
  }

  function show(said) {
    wrong.hidden = !said.wrong;
    wrong.textContent = said.wrong ?? "";
    if (said.wrong) return;
    talk.replaceChildren(...said.lines.map(bubble));
    talk.scrollTop = talk.scrollHeight;
    options.replaceChildren(...said.options.map(({ key, label }) => {
      const button = element("button", label, { type: "button" });
      button.addEventListener("click", () => move("press", key));
      return button;
    }));
  }

  function bubble(line) {
    const item = element("li", "", { className: line.aside ? "aside" : line.mine ? "officer" : "us" });
    item.append(element("p", line.text));
    if (line.understood) item.append(element("p", line.understood, { className: "understood" }));
    return item;
  }

  function move(kind, text) {
    moves.push([kind, text]);
    play();
  }

  function again() {
    moves = [];
    play();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = form.elements.said;
    if (said.value.trim()) move("say", said.value.trim());
    said.value = "";
    said.focus();
  });
  box.querySelector("[name=wait]").addEventListener("click", () => move("wait", ""));
  box.querySelector("[name=again]").addEventListener("click", again);
  flow.addEventListener("change", again);
  box.hidden = false;
  play();
  return () => {
    clearTimeout(timer);
    timer = setTimeout(play, WAIT);
  };
}

const texts = document.querySelector("#texts");
if (texts && document.querySelector("#phone")) {
  const changed = phone(() => new FormData(texts));
  texts.addEventListener("input", changed);
}
