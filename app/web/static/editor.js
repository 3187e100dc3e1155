// The editor of a flow file. The page works without it: then the file is a plain text field. It stands in a shadow root, where CodeMirror
// adopts its style sheets instead of writing them into the page, which the page's policy forbids.
import {
  EditorState, EditorView, HighlightStyle, autocompletion, completionKeymap, defaultKeymap, drawSelection, forceLinting, highlightActiveLine,
  highlightSelectionMatches, history, historyKeymap, hoverTooltip, indentUnit, keymap, lineNumbers, lintGutter, lintKeymap, linter, search,
  searchKeymap, syntaxHighlighting, tags, yaml,
} from "/static/vendor/codemirror.js";
import { answerTo, element, phone } from "/static/play.js";
import { complete, describe } from "/static/schema.js";

const area = document.querySelector("#source"), form = document.querySelector("#yaml"), list = document.querySelector("#problems");
const host = document.querySelector("#editor");
const WAIT = 700;

const look = EditorView.theme({
  "&": { height: "62vh", color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--line)", fontSize: "0.9rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "ui-monospace, 'DejaVu Sans Mono', monospace", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--soft)", borderColor: "var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 30%, transparent)",
  },
  ".cm-tooltip, .cm-panels": { color: "var(--ink)", backgroundColor: "var(--paper)", borderColor: "var(--line)", maxWidth: "min(30rem, 90vw)" },
  ".cm-tooltip-hover .about": { padding: ".3rem .6rem", whiteSpace: "pre-line" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { color: "var(--on-accent)", backgroundColor: "var(--accent)" },
  ".cm-diagnosticAction": { color: "var(--on-accent)", backgroundColor: "var(--accent)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--ground)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-textfield": { backgroundColor: "var(--paper)", borderColor: "var(--line)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ink)" },
  { tag: [tags.keyword, tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--soft)" },
]);

// A position from a line and a column, which counts characters; an emoji is two units in a browser.
const place = (state, line, column) => {
  const found = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  return found.from + [...found.text].slice(0, Math.max(column - 1, 0)).join("").length;
};

function corrected(view, problem) {
  const { line, column, length, text } = problem.correction;
  view.dispatch({ changes: { from: place(view.state, line, column), to: place(view.state, line, column + length), insert: text } });
  view.focus();
  forceLinting(view);
}

// What `trato check` says of the text as it stands.
async function check(view) {
  list.setAttribute("aria-busy", "true");
  const doc = view.state.doc;
  const problems = (await answerTo(area.dataset.check, { source: doc.toString() }))?.problems ?? null;
  if (view.state.doc !== doc) return [];
  list.removeAttribute("aria-busy");
  show(view, problems);
  return (problems ?? []).map((problem) => {
    const from = place(view.state, problem.line, problem.column);
    const word = view.state.doc.lineAt(from).text.slice(from - view.state.doc.lineAt(from).from).match(/^["']?[^\s,:{}[\]"']+/);
    const message = problem.hint ? `${problem.text}. ${problem.hint}` : problem.text;
    const actions = problem.correction ? [{ name: list.dataset.correct, apply: () => corrected(view, problem) }] : [];
    return { from, to: from + (word?.[0].length ?? 0), severity: problem.severity, message, source: problem.code, actions };
  });
}

function show(view, problems) {
  if (problems === null) return list.replaceChildren(element("p", list.dataset.unchecked, { className: "error" }));
  if (!problems.length) return list.replaceChildren(element("p", list.dataset.none, { className: "soft" }));
  const items = problems.map((problem) => {
    const item = element("li", "", { className: problem.severity });
    const go = element("button", list.dataset.line.replace("#", problem.line), { type: "button", className: "plain" });
    go.addEventListener("click", () => {
      const at = place(view.state, problem.line, problem.column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    });
    item.append(go, ` ${problem.text}. `, element("span", problem.hint ? `${problem.hint}. ` : "", { className: "soft" }));
    if (problem.correction) {
      const correct = element("button", list.dataset.correct, { type: "button" });
      correct.addEventListener("click", () => corrected(view, problem));
      item.append(correct);
    }
    return item;
  });
  const found = element("ul", "", { className: "plain problems" });
  found.append(...items);
  list.replaceChildren(found);
}

function send() {
  form.requestSubmit();
  return true;
}

async function start() {
  const schema = await (await fetch("/console/schema")).json();
  const shadow = host.attachShadow({ mode: "open" });
  host.hidden = false;
  let changed = () => {};
  const view = new EditorView({
    root: shadow,
    parent: shadow,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(), highlightSelectionMatches(), search(), indentUnit.of("  "),
        yaml(), syntaxHighlighting(colours), look, EditorView.lineWrapping,
        autocompletion({ override: [(context) => complete(schema, context)] }),
        hoverTooltip((shown, position) => {
          const found = describe(schema, shown.state.doc, position);
          return found && { ...found, create: () => ({ dom: element("div", found.text, { className: "about" }) }) };
        }),
        linter(check, { delay: WAIT }),
        keymap.of([{ key: "Mod-s", run: send }, ...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ "aria-label": document.querySelector('label[for="source"]').textContent, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
      ],
    }),
  });
  if (document.activeElement === area) {
    view.dispatch({ selection: { anchor: Math.min(area.selectionStart, view.state.doc.length) } });
    view.focus();
  }
  area.hidden = true;
  document.querySelector("#keys").hidden = false;
  const first = view.state.doc;
  let sent = false;
  form.addEventListener("submit", () => {
    area.value = view.state.doc.toString();
    sent = true;
  });
  addEventListener("beforeunload", (event) => !sent && !view.state.doc.eq(first) && event.preventDefault());
  if (area.dataset.line) {
    const at = place(view.state, Number(area.dataset.line), 1);
    view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    view.focus();
  }
  forceLinting(view);
  changed = phone(() => [["source", view.state.doc.toString()]]);
}

start();
