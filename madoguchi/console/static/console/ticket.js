// The open ticket: its forms, what others do in it, presence, earlier messages, formatted mail, files.
import { post, csrf } from "../design/js/http.js";
import { onKey } from "../design/js/keys.js";
import { openDialog } from "../design/js/dialog.js";
import { openTicket, currentId, showPane } from "./open.js";

const place = document.getElementById("ticket");
const part = (id) => place?.querySelector(`#${id}`);
const query = () => document.getElementById("queue")?.dataset.query || "";

// ---- Refresh in place ------------------------------------------------------------------------------------------------------

const plainly = (html) => html.replace(/name="csrfmiddlewaretoken" value="\w+"/g, "").replace(/ open(="")?(?=[ >])/g, "");
const SWAPPED = ["t-head", "t-side", "t-more"];
const drawn = new Map();
let timer = 0;

function remember() {
  drawn.clear();
  for (const id of SWAPPED) if (part(id)) drawn.set(id, plainly(part(id).innerHTML));
  for (const child of part("t-line")?.children || []) if (child.id) drawn.set(child.id, plainly(child.outerHTML));
}

function refreshSoon() { clearTimeout(timer); timer = setTimeout(refresh, 120); }

async function refresh() {
  const id = currentId();
  if (!id) return;
  let response;
  try { response = await fetch(`/tickets/${id}/pane`, { headers: { "HX-Request": "true" }, credentials: "same-origin" }); } catch { return; }
  if (!response.ok || currentId() !== id) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await response.text();
  loadParts();
  for (const name of SWAPPED) swap(name, fresh.content.getElementById(name));
  mergeLine(fresh.content.getElementById("t-line"));
  const last = fresh.content.querySelector("[data-last]")?.dataset.last;
  if (last) place.querySelector("[data-last]").dataset.last = last;
}

function swap(name, next) {
  const now = part(name);
  if (!now || !next) return;
  const text = plainly(next.innerHTML);
  if (drawn.get(name) === text) return;
  if (now.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) { setTimeout(refreshSoon, 3000); return; }
  drawn.set(name, text);
  const open = [...now.querySelectorAll("details[open][id]")].map((one) => one.id);
  now.replaceWith(next);
  for (const id of open) { const one = document.getElementById(id); if (one) one.open = true; }
}

/** Messages keep their place and their opened parts; only what changed is drawn anew, what is new comes at its place. */
function mergeLine(next) {
  const line = part("t-line");
  if (!line || !next) return;
  const scroller = line.parentElement;
  const nearEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
  const wanted = [...next.children].filter((child) => child.id && child.id !== "unread" && !child.id.startsWith("d-"));
  let before = null;
  let added = false;
  for (const child of wanted.reverse()) {
    const text = plainly(child.outerHTML);
    const old = document.getElementById(child.id);
    if (old && line.contains(old)) {
      if (drawn.get(child.id) !== text && !old.contains(document.activeElement)) { old.replaceWith(child); before = child; } else before = old;
    } else { line.insertBefore(child, before ? before : null); before = child; added = true; }
    drawn.set(child.id, text);
  }
  for (const child of [...line.children]) if (child.id?.startsWith("m-") && !wanted.some((one) => one.id === child.id) && Number(child.id.slice(2)) >= firstId(wanted)) child.remove();
  if (added && nearEnd) toEnd();
}
const firstId = (wanted) => Math.min(...wanted.filter((one) => one.id.startsWith("m-")).map((one) => Number(one.id.slice(2))));

/** Parts beside the conversation that come by their own address (`data-load`), so that the ticket need not wait for them. */
function loadParts() {
  for (const box of place?.querySelectorAll("[data-load]") || []) {
    fetch(box.dataset.load, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).then(async (response) => {
      const html = response.ok ? await response.text() : "";
      const writing = box.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
      if (!box.isConnected || drawn.get(box) === plainly(html) || writing) return;
      drawn.set(box, plainly(html));
      box.innerHTML = html;
      window.htmx?.process(box);
    }).catch(() => {});
  }
}

function toEnd() { const scroller = part("t-line")?.parentElement; if (scroller) scroller.scrollTop = scroller.scrollHeight; }

function begin() {
  remember();
  loadParts();
  const target = location.hash.startsWith("#m-") ? document.getElementById(location.hash.slice(1)) : place?.querySelector("#unread");
  if (target) target.scrollIntoView({ block: "start" }); else toEnd();
  beat();
}

document.addEventListener("ticket:open", begin);
document.addEventListener("ticket:changed", refreshSoon);
document.addEventListener("ticket:written", () => { toEnd(); refreshSoon(); }); // what one has just written is what one sees
document.addEventListener("undone", refreshSoon);
document.addEventListener("live:again", refreshSoon);
document.addEventListener("ticket:reload", () => openTicket(currentId(), query(), { push: false, quiet: true }));
document.addEventListener("live", (event) => {
  const { ticket, name } = event.detail;
  if (String(ticket) !== currentId()) return;
  if (name.endsWith("PresenceChanged")) beat(); else if (!name.startsWith("webchat.")) refreshSoon();
});

// ---- Forms of the ticket ---------------------------------------------------------------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("quiet" in form.dataset) || event.defaultPrevented) return;
  event.preventDefault();
  const data = new FormData(form);
  if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
  const response = await post(form.action, data);
  if (!response) return;
  form.closest("dialog")?.close();
  if (form.matches(".inline-f")) form.reset();
  if (document.activeElement?.matches("[data-edit]")) document.activeElement.blur();
  refreshSoon();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-edit]")) event.target.form.requestSubmit();
  else if (event.target.closest("form[data-auto]")) post(event.target.form.action, { [event.target.name]: event.target.type === "checkbox" ? (event.target.checked ? "on" : "off") : event.target.value });
});

// A tag that does not exist yet is offered as it is typed.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-filter]")) return;
  const add = event.target.closest(".menu")?.querySelector("[data-new]");
  if (!add) return;
  const name = event.target.value.trim();
  add.hidden = !name;
  add.name = "action";
  add.value = `tag:${name}`;
  add.querySelector("[data-new-name]").textContent = name;
});

// ---- Presence --------------------------------------------------------------------------------------------------------------

let typingUntil = 0;
let present = null;

async function beat(state = null) {
  const id = currentId();
  if (!id || (document.visibilityState !== "visible" && !state)) return;
  present = id;
  const response = await post(`/tickets/${id}/present`, { state: state || (Date.now() < typingUntil ? "typing" : "viewing") }, { quiet: true });
  if (response && part("t-viewers") && currentId() === id) part("t-viewers").innerHTML = await response.text();
}
setInterval(beat, 20000);

export function typing() {
  const was = Date.now() < typingUntil;
  typingUntil = Date.now() + 8000;
  if (!was) { beat(); setTimeout(() => { if (Date.now() >= typingUntil) beat(); }, 8500); }
}

function gone() {
  if (!present) return;
  const data = new FormData();
  data.append("state", "gone");
  data.append("csrfmiddlewaretoken", csrf());
  navigator.sendBeacon(`/tickets/${present}/present`, data);
  present = null;
}
document.addEventListener("ticket:leave", gone);
addEventListener("pagehide", gone);

// ---- Inside the conversation -----------------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const target = event.target;
  const other = target.closest("a[data-open]");
  if (other && !event.ctrlKey && !event.metaKey) { event.preventDefault(); openTicket(other.dataset.open, query()); return; }
  if (target.closest("[data-back]")) { event.preventDefault(); showPane("queue"); return; }
  const early = target.closest("[data-earlier]");
  if (early) { event.preventDefault(); await earlier(early); return; }
  const formatted = target.closest("[data-html]");
  if (formatted) { frame(formatted); return; }
  const file = target.closest("a.file[data-preview]");
  if (file && !event.ctrlKey && !event.metaKey) { event.preventDefault(); view(file); }
});

async function earlier(button) {
  const response = await fetch(button.dataset.earlier, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!response.ok) return;
  const scroller = part("t-line").parentElement;
  const fromEnd = scroller.scrollHeight - scroller.scrollTop;
  button.insertAdjacentHTML("afterend", await response.text());
  button.remove();
  scroller.scrollTop = scroller.scrollHeight - fromEnd;
}

/** The mail with its formatting, in a frame that cannot run anything; its height follows its content. */
function frame(button) {
  const body = button.closest(".msg").querySelector(".msg-b");
  const now = body.querySelector("iframe");
  if (now) { now.remove(); for (const one of body.children) one.hidden = false; return; }
  for (const one of body.children) if (!one.matches(".files")) one.hidden = true;
  const box = document.createElement("iframe");
  box.className = "mailframe";
  box.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  box.title = button.textContent.trim();
  box.src = button.dataset.html;
  box.addEventListener("load", () => { const page = box.contentDocument?.documentElement; if (page) box.style.blockSize = `${Math.min(page.scrollHeight + 4, 4000)}px`; });
  body.prepend(box);
}

async function view(file) {
  const dialog = openDialog("viewer");
  const box = dialog.querySelector(".viewer-b");
  const url = `${file.getAttribute("href")}?inline=1`;
  dialog.querySelector("[data-download]").href = file.getAttribute("href");
  box.replaceChildren();
  if (file.dataset.preview === "image") box.append(Object.assign(document.createElement("img"), { src: url, alt: file.textContent.trim() }));
  else if (file.dataset.preview === "pdf") box.append(Object.assign(document.createElement("iframe"), { src: url, title: file.textContent.trim() }));
  else {
    const text = await (await fetch(url, { credentials: "same-origin" })).text();
    box.append(Object.assign(document.createElement("pre"), { className: "raw", textContent: text.slice(0, 200000) }));
  }
}

// ---- Keys ------------------------------------------------------------------------------------------------------------------

const menu = (key) => () => {
  if (document.querySelector(".pick:checked")) {
    const bar = document.querySelectorAll("#bulk details.pop")[{ a: 0, s: 1, p: 2, t: 3 }[key]];
    if (bar) { bar.open = true; bar.querySelector("summary").focus(); }
    return;
  }
  const pop = place?.querySelector(`details[data-key="${key}"]`);
  if (!pop) return;
  pop.open = true;
  setTimeout(() => (pop.querySelector("[data-filter], .menu-i") || pop.querySelector("summary")).focus(), 30);
};
for (const key of ["a", "t", "p", "s", "o"]) onKey(key, menu(key));
onKey("m", () => { if (currentId()) post(`/tickets/${currentId()}/change`, { assign: "me" }); });
onKey("e", async () => {
  const picked = [...document.querySelectorAll(".pick:checked")].map((box) => box.value);
  const ids = picked.length ? picked : [currentId()].filter(Boolean);
  if (!ids.length) return;
  const { bulk } = await import("./list.js");
  bulk("status", "solved", ids);
});

if (place && currentId()) begin();
