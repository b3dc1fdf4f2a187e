"use strict";
// The page of the server: documents that are read once, and questions about them. It asks the same interface as every other program.

const at = id => document.getElementById(id);
const chosen = new Set();      // ids of the documents that are asked about
const watched = new Map();     // id of a document that is being read → its event stream
const together = new Map();    // ids of several documents → that of their collection
let turns = [];                // of the conversation
let running = null;            // the answer under way, to be stopped

const key = () => sessionStorage.getItem("key") ?? "";
const headers = more => ({ ...(key() ? { Authorization: `Bearer ${key()}` } : {}), ...more });

async function call(path, options = {}) {
  const response = await fetch(path, { ...options, headers: headers(options.headers) });
  if (response.status === 401) { at("key-form").hidden = false; at("key").focus(); }
  if (!response.ok) throw new Error(await sentence(response));
  return response;
}

async function sentence(response) {
  try { return (await response.json()).error.message; } catch { return `The server answered ${response.status}.`; }
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

const bytes = n => n >= 1e9 ? `${(n / 1e9).toFixed(1)} GB` : n >= 1e6 ? `${(n / 1e6).toFixed(1)} MB` : `${Math.ceil(n / 1e3)} kB`;
const count = n => n.toLocaleString("en");
const say = text => { at("state").textContent = text; };

async function start() {
  try {
    const models = (await (await call("/v1/models")).json()).data;
    at("model").replaceChildren(...models.map(model => new Option(model.id, model.id)));
    at("key-form").hidden = true;
    say(models.length ? "" : "No model is served.");
    await list();
  } catch (failure) { say(failure.message); }
}

// Documents

async function list() {
  const documents = (await (await call("/v1/documents?limit=100")).json()).data;
  at("list").replaceChildren(...documents.map(item));
  for (const id of [...chosen]) if (!documents.some(one => one.id === id && one.status === "ready")) chosen.delete(id);
  about();
}

function item(one) {
  const line = element("li");
  line.id = one.id;
  fill(line, one);
  if (!["ready", "failed"].includes(one.status)) watch(one.id);
  return line;
}

function fill(line, one) {
  const label = element("label"), box = element("input");
  box.type = "checkbox";
  box.disabled = one.status !== "ready";
  box.checked = chosen.has(one.id);
  box.addEventListener("change", () => { if (box.checked) chosen.add(one.id); else chosen.delete(one.id); fresh(); });
  label.append(box, element("span", one.name));
  const row = element("div", "", "row"), remove = element("button", "Delete");
  remove.type = "button";
  remove.setAttribute("aria-label", `Delete ${one.name}`);
  remove.addEventListener("click", () => removeDocument(one));
  const progress = one.progress ?? {};
  line.replaceChildren(label);
  if (one.status === "failed") row.append(element("span", one.error?.message ?? "It could not be read.", "error"));
  else if (one.status === "ready") row.append(element("small", `${count(progress.tokens_total)} tokens`));
  else {
    const bar = element("progress");
    bar.setAttribute("aria-label", `Reading ${one.name}`);
    if (progress.tokens_total) { bar.max = progress.tokens_total; bar.value = progress.tokens_read; }
    line.append(bar);
    const left = progress.seconds_left ? `, ${Math.ceil(progress.seconds_left)} s left` : "";
    row.append(element("small", progress.tokens_total
      ? `${count(progress.tokens_read)} of ${count(progress.tokens_total)} tokens${left}` : one.status));
  }
  row.append(remove);
  if (progress.tokens?.seen) line.append(memory(progress));
  line.append(row);
}

// Where the tokens are: held exactly, in the archive, folded into the memory.
function memory({ tokens, state_bytes: size }) {
  const bar = element("div", "", "memory"), parts = ["exact", "archived", "compressed"];
  bar.setAttribute("role", "img");
  const told = parts.filter(part => tokens[part]).map(part => `${count(tokens[part])} ${part}`).join(", ");
  bar.setAttribute("aria-label", `Tokens: ${told}; ${bytes(size)} of memory`);
  bar.title = `${told}; ${bytes(size)}`;
  for (const part of parts) {
    const piece = element("span", "", part);
    piece.style.flexGrow = String(Math.min(1, tokens[part] / tokens.seen));
    bar.append(piece);
  }
  return bar;
}

async function watch(id) {
  if (watched.has(id)) return;
  const stop = new AbortController();
  watched.set(id, stop);
  try {
    for await (const one of events(await call(`/v1/documents/${id}/events`, { signal: stop.signal }))) {
      const line = at(id);
      if (!line) break;
      if (one.status === "ready") { chosen.add(id); fresh(); }
      fill(line, one);
    }
  } catch (failure) { if (!stop.signal.aborted) say(failure.message); }
  watched.delete(id);
}

async function upload(files) {
  for (const file of files) {
    say(`Sending ${file.name} …`);
    const form = new FormData();
    form.append("model", at("model").value);
    form.append("file", file);
    try {
      const one = await (await call("/v1/documents", { method: "POST", body: form })).json();
      at(one.id)?.remove();
      at("list").prepend(item(one));
      if (one.status === "ready") { chosen.add(one.id); fill(at(one.id), one); fresh(); }
      say("");
    } catch (failure) { say(failure.message); }
  }
}

async function removeDocument(one) {
  if (!confirm(`Delete ${one.name}? What was read of it is gone then.`)) return;
  watched.get(one.id)?.abort();
  try {
    await call(`/v1/documents/${one.id}`, { method: "DELETE" });
    chosen.delete(one.id);
    at(one.id)?.remove();
    about();
    at("file").focus();
  } catch (failure) { say(failure.message); }
}

// Conversation

function about() {
  at("about").textContent = chosen.size === 0 ? "Asked without a document."
    : chosen.size === 1 ? "Asked about the chosen document." : `Asked about ${chosen.size} documents together.`;
}

function fresh() {
  running?.abort();
  turns = [];
  at("answers").replaceChildren();
  hidePassage();
  about();
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const data = text.slice(0, end).split("\n").filter(line => line.startsWith("data: ")).map(line => line.slice(6)).join("\n");
      if (data && data !== "[DONE]") yield JSON.parse(data);
    }
  }
}

async function collection() {
  if (chosen.size < 2) return [...chosen];
  // Several are one text, which is read once as well.
  const names = [...chosen].join();
  if (together.has(names)) return [together.get(names)];
  const made = await (await call("/v1/documents", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ documents: [...chosen], model: at("model").value }),
  })).json();
  if (!at(made.id)) at("list").prepend(item(made));
  for (let now = made; now.status !== "ready"; now = await (await call(`/v1/documents/${made.id}`)).json()) {
    if (now.status === "failed") throw new Error(now.error?.message ?? "It could not be read.");
    await new Promise(done => setTimeout(done, 500));
  }
  together.set(names, made.id);
  return [made.id];
}

async function ask(question) {
  const asked = element("div", question, "turn user"), answer = element("div", "", "turn assistant busy"), said = element("span");
  answer.append(said);
  at("answers").append(asked, answer);
  answer.scrollIntoView({ block: "end" });
  at("send").disabled = true;
  at("stop").hidden = false;
  running = new AbortController();
  let text = "", thoughts = null, sources = [];
  try {
    const documents = await collection();
    const response = await call("/v1/chat/completions", {
      method: "POST", signal: running.signal, headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ model: at("model").value, messages: [...turns, { role: "user", content: question }], stream: true,
        ...(documents.length ? { documents } : {}) }),
    });
    for await (const chunk of events(response)) {
      if (chunk.error) throw new Error(chunk.error.message);
      const delta = chunk.choices[0]?.delta ?? {};
      if (delta.reasoning_content) {
        if (!thoughts) {
          thoughts = element("details");
          thoughts.append(element("summary", "Thoughts"), element("span"));
          answer.prepend(thoughts);
        }
        thoughts.lastChild.textContent += delta.reasoning_content;
      }
      if (delta.content) said.textContent = text += delta.content;
      if (delta.sources) sources = delta.sources;
      if (chunk.choices[0]?.finish_reason === "length") answer.append(element("p", "The answer was cut at its longest length.", "hint"));
    }
    turns.push({ role: "user", content: question }, { role: "assistant", content: text });
  } catch (failure) {
    if (running?.signal.aborted) answer.append(element("p", "Stopped.", "hint"));
    else answer.append(element("p", failure.message, "error"));
  }
  answer.classList.remove("busy");
  if (sources.length) answer.append(sourceList(sources));
  running = null;
  at("send").disabled = false;
  at("stop").hidden = true;
  at("question").focus();
}

function sourceList(sources) {
  const box = element("div", "", "sources"), all = element("ul");
  box.append(element("span", "Looked up in the text:"), all);
  for (const source of sources) {
    const line = element("li"), link = element("button", place(source), "link");
    link.type = "button";
    link.addEventListener("click", () => showPassage(source));
    line.append(link);
    all.append(line);
  }
  return box;
}

const place = source => `${source.name ?? "the text"}${source.page ? `, page ${source.page}` : ""}: “${source.text.trim().slice(0, 80)}…”`;

async function showPassage(source) {
  const around = 1500, first = source.first_character ?? 0, from = Math.max(0, first - around);
  let before = "", text = source.text, behind = "";
  if (source.document && source.first_character !== undefined) {
    try {
      const part = await (await call(`/v1/documents/${source.document}/text?from=${from}&count=${2 * around + source.characters}`)).json();
      const start = first - from;
      [before, text, behind] = [part.text.slice(0, start), part.text.slice(start, start + source.characters),
        part.text.slice(start + source.characters)];
    } catch (failure) { say(failure.message); }
  }
  at("place").textContent = `${source.name ?? "The text"}${source.page ? `, page ${source.page}` : ""}`;
  at("text").replaceChildren(before, element("mark", text), behind);
  at("passage").hidden = false;
  document.querySelector("main").classList.add("with-passage");
  at("text").querySelector("mark").scrollIntoView({ block: "center" });
  at("passage").focus();
}

function hidePassage() {
  at("passage").hidden = true;
  document.querySelector("main").classList.remove("with-passage");
}

at("key-form").addEventListener("submit", event => { event.preventDefault(); sessionStorage.setItem("key", at("key").value); start(); });
at("file").addEventListener("change", () => { upload([...at("file").files]); at("file").value = ""; });
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, event => {
    event.preventDefault();
    at("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") upload([...event.dataTransfer.files]);
  });
}
at("ask").addEventListener("submit", event => {
  event.preventDefault();
  const question = at("question").value.trim();
  if (!question || running) return;
  at("question").value = "";
  ask(question);
});
at("question").addEventListener("keydown", event => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); at("ask").requestSubmit(); }
});
document.addEventListener("keydown", event => { if (event.key === "Escape") { if (running) running.abort(); else hidePassage(); } });
at("stop").addEventListener("click", () => running?.abort());
at("fresh").addEventListener("click", () => { fresh(); at("question").focus(); });
at("close").addEventListener("click", () => { hidePassage(); at("question").focus(); });
start();
