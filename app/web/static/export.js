// The page of exports works without this script: the browser then shows its own progress. With it, the answer to the form is lines of
// JSON that tell how far the export is, the last of them with the size of the file, and then the file itself.
const form = document.getElementById("making"), cancel = document.getElementById("cancel"), progress = document.getElementById("progress");
const told = (key, number = "") => { progress.textContent = progress.dataset[key].replace("#", number); };
const NEWLINE = 10;

async function* lines(reader, rest) {
  for (;;) {
    const end = rest.bytes.indexOf(NEWLINE);
    if (end >= 0) {
      const line = JSON.parse(new TextDecoder().decode(rest.bytes.subarray(0, end)));
      rest.bytes = rest.bytes.subarray(end + 1);
      yield line;
      continue;
    }
    const { done, value } = await reader.read();
    if (done) return;
    const more = new Uint8Array(rest.bytes.length + value.length);
    more.set(rest.bytes);
    more.set(value, rest.bytes.length);
    rest.bytes = more;
  }
}

async function file(reader, first, size) {
  const pieces = [first];
  let had = first.length;
  while (had < size) {
    const { done, value } = await reader.read();
    if (done) throw new Error("cut");
    pieces.push(value);
    had += value.length;
    told("fetching", Math.floor(100 * had / size));
  }
  return new Blob(pieces, { type: "application/zip" });
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function make(stop) {
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), signal: stop.signal,
    headers: { Accept: "application/x-trato-export" },
  });
  if (answer.headers.get("content-type") !== "application/x-trato-export") {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("[role=alert]:not([hidden])")?.textContent ?? progress.dataset.broken;
  }
  const reader = answer.body.getReader(), rest = { bytes: new Uint8Array() };
  for await (const line of lines(reader, rest)) {
    if (line.error) return line.error;
    if (line.size === undefined) { told("preparing", line.rows.toLocaleString()); continue; }
    save(await file(reader, rest.bytes, line.size), line.name);
    return [progress.dataset.ready, line.told].join(" ").trim();
  }
  return progress.dataset.broken;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopPropagation();
  const stop = new AbortController(), button = form.querySelector("button.main");
  cancel.onclick = () => stop.abort();
  button.disabled = true;
  cancel.hidden = false;
  told("preparing", 0);
  try {
    progress.textContent = await make(stop);
  } catch {
    told(stop.signal.aborted ? "cancelled" : "broken");
  }
  button.disabled = false;
  cancel.hidden = true;
});
