// The form of what the simulated carrier is to do wrong. It always shows what the server says is on.
import { element } from "./bubbles.js";

const form = document.querySelector("#faults");
const texts = {};

function fill(select, codes) {
  for (const { code, text } of codes) {
    texts[code] = text;
    select.append(element("option", `${code} ${text}`, { value: code }));
  }
}

function show(state) {
  let on = 0;
  for (const control of form.elements) {
    if (!(control.name in state)) continue;
    const value = state[control.name] ?? 0;
    if (control.type === "checkbox") control.checked = value;
    else if (control !== document.activeElement) control.value = value;
    on += Boolean(value);
  }
  const badge = document.querySelector("#wrong");
  badge.hidden = !on;
  badge.textContent = on;
  const codes = [state.refuse_with, state.fail_with].filter(Boolean);
  document.querySelector("#explained").textContent = codes.map((code) => `${code}: ${texts[code] || "código de la operadora"}`).join(" ");
}

export function wireFaults(ask, act) {
  const change = (wrong) => act(async () => show(await ask("faults", wrong)));
  form.addEventListener("change", ({ target }) => {
    change({ [target.name]: target.type === "checkbox" ? target.checked : Number(target.value) });
  });
  form.addEventListener("reset", () => {
    change({ outage: false, duplicated: false, reordered: false, lost_answers: false, delay: 0, refuse_with: 0, fail_with: 0 });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  act(async () => {
    const state = await ask("faults");
    fill(form.elements.refuse_with, state.refusals);
    fill(form.elements.fail_with, state.failures);
    show(state);
  });
}
