// Writing. Nothing typed is lost: every pause saves to the server, and to this device until the server has it.
import { say } from "../design/js/words.js";
import { toast } from "../design/js/toasts.js";
import { post, csrf, errorText, tellSignedOut } from "../design/js/http.js";
import { onKey } from "../design/js/keys.js";
import { put, wrap, each, link } from "../design/js/formatting.js";
import { typing } from "./ticket.js";
import { currentId, showPane } from "./open.js";
import { keepLocal, dropLocal, localOf, sendWaiting } from "./drafts.js";
import "./suggest.js";

const PAUSE = 700;
const box = () => document.getElementById("composer");
const form = (kind) => box()?.querySelector(`[data-compose="${kind}"]`);
const area = (kind) => form(kind)?.querySelector("textarea");
const timers = {};

// ---- Drafts ----------------------------------------------------------------------------------------------------------------

function fieldsOf(one) {
  const fields = { attachment_ids: [...one.querySelectorAll('[name="files"]')].map((input) => Number(input.value)) };
  for (const name of ["to", "cc", "bcc", "language"]) if (one.elements[name]) fields[name] = one.elements[name].value;
  return fields;
}

function changed(one) {
  const kind = one.dataset.compose;
  keepLocal(box().dataset.ticket, kind, area(kind).value);
  clearTimeout(timers[kind]);
  timers[kind] = setTimeout(() => save(one), PAUSE);
}

async function save(one, { last = false } = {}) {
  const kind = one.dataset.compose;
  clearTimeout(timers[kind]);
  timers[kind] = 0;
  const body = area(kind).value;
  const host = one.closest("#composer") || box();
  const ticket = host.dataset.ticket;
  const data = { kind, body, fields: JSON.stringify(fieldsOf(one)), version: one.dataset.version || "0" };
  let response;
  try {
    response = await fetch(host.dataset.draft, { method: "POST", body: new URLSearchParams(data), keepalive: last && body.length < 20000, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" }, credentials: "same-origin" });
  } catch { response = null; }
  const note = host.querySelector("[data-saved]");
  if (!response || (!response.ok && response.status !== 409)) {
    if (note) note.textContent = say("draft_local");
    if (response?.status === 401) tellSignedOut();
    return;
  }
  const answer = await response.json();
  one.dataset.version = answer.version;
  if (response.status === 409) { both(one, answer.newer); return; }
  if (area(kind)?.value === body) dropLocal(ticket, kind);
  if (note) note.textContent = answer.saved ? say("draft_saved", { time: answer.saved }) : "";
}

/** Another device had written something else: both texts stand together, so that nothing is lost. */
function both(one, text) {
  const field = area(one.dataset.compose);
  field.value = `${text}\n\n----\n${field.value}`;
  toast(say("draft_restored"), { seconds: 12 });
  changed(one);
}

function leave() {
  for (const one of box()?.querySelectorAll("[data-compose]") || []) if (timers[one.dataset.compose]) save(one, { last: true });
}
document.addEventListener("ticket:leave", leave);
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
addEventListener("online", sendWaiting);
document.addEventListener("live:again", sendWaiting);

function begin() {
  sendWaiting();
  if (!box()) return;
  for (const kind of ["reply", "note"]) {
    const kept = localOf(box().dataset.ticket, kind);
    if (kept && area(kind) && kept !== area(kind).value) { area(kind).value = kept; changed(form(kind)); }
  }
}
document.addEventListener("ticket:open", begin);
if (box()) begin();

document.addEventListener("input", (event) => {
  const one = event.target.closest?.("[data-compose]");
  if (!one || event.target.matches("[data-attach], [name=send_at]")) return;
  if (one.dataset.compose === "reply" || !document.querySelector("[data-chat-panel]")) typing();  // a visitor must not wait for a note
  changed(one);
});

// ---- Sending ---------------------------------------------------------------------------------------------------------------

document.addEventListener("submit", async (event) => {
  const one = event.target.closest("[data-compose]");
  if (!one) return;
  event.preventDefault();
  if (one.dataset.busy) return;
  const by = event.submitter;
  const later = by?.matches("[data-later]");
  const data = new FormData(one);
  data.delete("upload");
  if (!later) data.delete("send_at");
  if (by?.name) data.set(by.name, by.value);
  if (one.dataset.anyway) data.set("anyway", "yes");
  one.dataset.busy = "yes";
  clearTimeout(timers[one.dataset.compose]);
  await send(one, data);
  delete one.dataset.busy;
});

async function send(one, data) {
  const ticket = box().dataset.ticket;
  let response;
  try {
    response = await fetch(one.action, { method: "POST", body: data, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" }, credentials: "same-origin" });
  } catch { toast(say("failed"), { kind: "error" }); return; }
  if (response.status === 401) { tellSignedOut(); return; }
  if (response.status === 409) { collide(one, await response.text()); return; }
  if (!response.ok) { toast(errorText(await response.text()), { kind: "error" }); return; }
  dropLocal(ticket, one.dataset.compose);
  if (currentId() === ticket) {
    area(one.dataset.compose).value = "";
    one.dataset.version = "0";
    delete one.dataset.anyway;
    one.querySelector(".ups").replaceChildren();
    see(one, false);
    box().querySelector("[data-saved]").textContent = "";
    for (const pop of one.querySelectorAll("details[open]")) pop.open = false;
  }
  const triggers = JSON.parse(response.headers.get("HX-Trigger") || "{}");
  for (const [name, detail] of Object.entries(triggers)) document.dispatchEvent(new CustomEvent(name, { detail }));
  document.dispatchEvent(new CustomEvent("ticket:written"));
}

/** A colleague was quicker: their answer is shown, and sending takes a second decision. */
function collide(one, html) {
  document.dispatchEvent(new CustomEvent("ticket:written"));
  const place = box().parentElement;
  place.querySelector("[data-collision]")?.remove();
  const note = document.createElement("div");
  note.dataset.collision = "";
  note.innerHTML = html;
  place.prepend(note);
  note.querySelector("[data-anyway]")?.addEventListener("click", () => { one.dataset.anyway = "yes"; note.remove(); one.requestSubmit(one.querySelector("[name=then]")); });
}

document.addEventListener("keydown", (event) => {
  const one = event.target.closest?.("[data-compose]");
  if (!one || event.isComposing) return;
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key === "Enter") { event.preventDefault(); one.requestSubmit(one.querySelector(".composer-f .btn--primary")); }
  if (mod && event.key === "b") { event.preventDefault(); wrap(area(one.dataset.compose), "**"); changed(one); }
  if (event.key === "Escape" && !event.defaultPrevented) event.target.blur();
});

// ---- Mail | Note -----------------------------------------------------------------------------------------------------------

function mode(kind, focus = true) {
  if (!box() || !form(kind)) return;
  box().dataset.kind = kind;
  for (const tab of box().querySelectorAll("[data-kind-to]")) tab.setAttribute("aria-pressed", String(tab.dataset.kindTo === kind));
  if (focus) { showPane("conversation"); area(kind).focus(); }
}
onKey("r", () => mode("reply"));
onKey("n", () => mode("note"));

document.addEventListener("click", (event) => {
  const target = event.target;
  const tab = target.closest("[data-kind-to]");
  if (tab) { mode(tab.dataset.kindTo); return; }
  const to = target.closest("[data-to-open]");
  if (to) {
    const lines = box().querySelector(".composer-to");
    lines.hidden = !lines.hidden;
    to.setAttribute("aria-expanded", String(!lines.hidden));
    if (!lines.hidden) lines.querySelector("input").focus();
    return;
  }
  const one = target.closest("[data-compose]");
  if (one) tools(one, target);
  const ready = target.closest("[data-put]");
  if (ready) putIn(ready.dataset);
  const quote = target.closest("[data-quote]");
  if (quote) quoteIn(quote.dataset.quote);
});

function tools(one, target) {
  const field = area(one.dataset.compose);
  const wrapper = target.closest("[data-wrap]");
  const line = target.closest("[data-line]");
  const insert = target.closest("[data-insert]");
  if (wrapper) wrap(field, wrapper.dataset.wrap);
  else if (line) each(field, line.dataset.line);
  else if (target.closest("[data-link]")) link(field);
  else if (insert) { put(field, (/(^|\s)$/.test(field.value.slice(0, field.selectionStart)) ? "" : " ") + insert.dataset.insert); field.dispatchEvent(new InputEvent("input", { bubbles: true })); }
  else if (target.closest("[data-see]")) see(one, one.querySelector(".preview").hidden);
  else if (target.closest("[data-remove]")) removeFile(one, target.closest(".file"));
  else return;
  if (!target.closest("[data-see], [data-remove]")) changed(one);
}

async function see(one, on) {
  const view = one.querySelector(".preview");
  const field = area(one.dataset.compose);
  if (on) {
    const response = await post(box().dataset.preview, { text: field.value });
    if (!response) return;
    view.innerHTML = await response.text();
  }
  view.hidden = !on;
  field.hidden = on;
  one.querySelector("[data-see]")?.setAttribute("aria-pressed", String(on));
}

/** A ready text from beside the ticket goes into the reply, where it can be changed; it is never sent by itself. */
function putIn({ put: text, putTold, putSlug }) {
  if (!form("reply")) return;
  mode("reply");
  const field = area("reply");
  put(field, `${field.value.trim() ? "\n\n" : ""}${text}`);
  changed(form("reply"));
  if (putTold) post(putTold, { slug: putSlug }, { quiet: true });
}

function quoteIn(id) {
  const text = document.querySelector(`#m-${id} .msg-b > .plain`)?.textContent.trim() || "";
  mode("reply");
  const field = area("reply");
  put(field, `${text.split("\n").map((line) => `> ${line}`).join("\n")}\n\n`);
  changed(form("reply"));
}

// ---- Files: button, drop, paste ----------------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-attach]")) return;
  upload(event.target.closest("[data-compose]"), event.target.files);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  const one = event.target.closest?.("[data-compose]");
  if (one && event.clipboardData.files.length) { event.preventDefault(); upload(one, event.clipboardData.files); }
});
for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, (event) => {
  const pane = event.target.closest?.("#conversation");
  if (!pane || !box() || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  box().toggleAttribute("data-drop", name === "dragover");
  if (name === "drop") upload(form(box().dataset.kind), event.dataTransfer.files);
});

function upload(one, files) {
  for (const file of files) uploadOne(one, file);
}

function uploadOne(one, file) {
  const chip = document.createElement("span");
  chip.className = "file";
  const label = Object.assign(document.createElement("span"), { textContent: file.name });
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", file.name);
  chip.append(label, bar);
  one.querySelector(".ups").append(chip);
  const request = new XMLHttpRequest();
  request.open("POST", box().dataset.upload);
  request.setRequestHeader("X-CSRFToken", csrf());
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; });
  request.addEventListener("loadend", () => {
    if (request.status !== 200) { chip.remove(); if (request.status === 401) tellSignedOut(); else toast(errorText(request.responseText), { kind: "error" }); return; }
    const kept = JSON.parse(request.responseText);
    chip.dataset.file = kept.id;
    label.textContent = `${kept.name} ${kept.size}`;
    const gone = Object.assign(document.createElement("button"), { type: "button", className: "chip-x", textContent: "×" });
    gone.dataset.remove = "";
    gone.setAttribute("aria-label", say("remove_file", { name: kept.name }));
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "files", value: kept.id });
    bar.replaceWith(gone, field);
    changed(one);
  });
  const data = new FormData();
  data.append("file", file);
  request.send(data);
}

async function removeFile(one, chip) {
  await post(`/uploads/${chip.dataset.file}/discard`, {}, { quiet: true });
  chip.remove();
  changed(one);
}
