// The phone beside the editors. It sends the unsaved text with all that the officer did so far, and shows the conversation that comes of it; after
// each change of the text, the same moves again.
const WAIT = 800;

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
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
    const body = new URLSearchParams([...fields()].filter(([name]) => name !== "flow" && name !== "moves"));
    body.set("flow", flow.value);
    body.set("moves", JSON.stringify(moves));
    let said = { wrong: box.dataset.failed };
    try {
      const answer = await fetch(box.dataset.play, { method: "POST", body });
      if (answer.status === 401) document.querySelector("#over").hidden = false;
      if (answer.ok) said = await answer.json();
    } catch {
      said = { wrong: box.dataset.failed };
    }
    if (own === latest) show(said);
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
