// The list pane. Rows change in place; nothing moves under the pointer or the focus: new tickets wait in a bar until it is safe.
import { say } from "../design/js/words.js";
import { post } from "../design/js/http.js";
import { onKey } from "../design/js/keys.js";
import { openTicket, currentId, showPane } from "./open.js";

const pane = document.getElementById("queue");
const rows = () => pane?.querySelector("#rows");
const items = () => [...(pane?.querySelectorAll(".row-li") || [])];
const item = (id) => pane?.querySelector(`.row-li[data-id="${id}"]`);
const query = () => pane.querySelector("[data-query]")?.dataset.query || pane.dataset.query;
const picked = () => [...pane.querySelectorAll(".pick:checked")].map((box) => box.value);
const many = (key, n) => say(n === 1 ? `${key}_one` : key, { n });

async function fetchText(url) {
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

// ---- Views -----------------------------------------------------------------------------------------------------------------

/** Load another list into the pane; `keep` keeps selection and scroll (a refresh of the same list). */
async function load(search, { keep = false } = {}) {
  const chosen = keep ? new Set(picked()) : new Set();
  const top = keep ? scroller()?.scrollTop : 0;
  const html = await fetchText(`/queue?${search}`);
  if (html === null) return;
  pane.innerHTML = html;
  pane.dataset.query = query();
  for (const id of chosen) { const box = item(id)?.querySelector(".pick"); if (box) box.checked = true; }
  if (scroller()) scroller().scrollTop = top;
  window.htmx?.process(pane);
  const key = pane.querySelector("[data-key]")?.dataset.key;
  for (const link of document.querySelectorAll("#nav [data-view]")) {
    if (link.dataset.view === key) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  seen();
  waiting.clear();
  mark();
  selection();
  watchEnd();
}

const scroller = () => pane.querySelector(".queue-s");

export function goTo(search) {
  history.pushState({ view: search }, "", currentId() ? `/tickets/${currentId()}?${search}` : `/?${search}`);
  showPane("queue");
  document.getElementById("nav")?.removeAttribute("data-open");
  return load(search);
}

document.addEventListener("click", (event) => {
  if (!pane || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("#nav a[data-view], #queue a[data-sort]");
  if (!link) return;
  event.preventDefault();
  goTo(new URL(link.href).search.slice(1));
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-filter-form]");
  if (!form) return;
  event.preventDefault();
  const data = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  goTo(data.toString());
});

// Menus whose content comes when they are opened.
document.addEventListener("toggle", async (event) => {
  const pop = event.target;
  if (!pop.open || !pop.dataset?.lazy || pop.dataset.loaded) return;
  pop.dataset.loaded = "yes";
  const html = await fetchText(pop.dataset.lazy);
  if (html === null) { delete pop.dataset.loaded; return; }
  const place = pop.querySelector("[data-lazy-here]");
  place.innerHTML = html;
  window.htmx?.process(place);
  place.querySelector("input:not([type=hidden]), select, button")?.focus();
}, true);

// ---- Opening and moving --------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const row = event.target.closest(".row-li > a.row");
  if (!row || event.ctrlKey || event.metaKey || event.button) return;
  event.preventDefault();
  const li = row.parentElement;
  if (event.shiftKey) { pickTo(li); return; }
  open(li);
});

function open(li) {
  cursor(li);
  li.querySelector(".row").classList.remove("row--unread");
  openTicket(li.dataset.id, query());
}

function mark() {
  const id = currentId();
  for (const li of items()) {
    if (li.dataset.id === id) li.querySelector(".row").setAttribute("aria-current", "true");
    else li.querySelector(".row").removeAttribute("aria-current");
  }
}
document.addEventListener("ticket:open", mark);

let at = null;
function cursor(li) {
  for (const other of pane.querySelectorAll("[data-cursor]")) delete other.dataset.cursor;
  if (!li) return;
  at = li.dataset.id;
  li.dataset.cursor = "";
  li.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = items();
  if (!all.length) return;
  const now = all.findIndex((li) => li.dataset.id === (at || currentId()));
  const next = all[Math.max(0, Math.min(all.length - 1, now + by))] || all[0];
  cursor(next);
  if (currentId() && innerWidth > 720) openSoon(next);
  else next.querySelector(".row").focus();
}

let soon = 0;
function openSoon(li) { clearTimeout(soon); soon = setTimeout(() => open(li), 120); }

if (pane) {
  onKey("j", () => step(1));
  onKey("k", () => step(-1));
  onKey("Enter", (event) => {
    if (event.target.closest("a, button, summary, input, [role=option]") && !event.target.closest(".row")) return false;
    const li = item(at);
    if (!li) return false;
    open(li);
  });
  onKey("x", () => {
    const li = item(at) || item(currentId()) || items()[0];
    if (!li) return;
    const box = li.querySelector(".pick");
    box.checked = !box.checked;
    cursor(li);
    selection();
  });
  onKey("Shift+x", () => { const li = item(at); if (li) pickTo(li); });
  onKey("Escape", () => { if (!picked().length) return false; unselect(); });
  onKey("mod+a", (event) => {
    if (event.target.closest("input, textarea") || !event.target.closest("#queue, body")) return false;
    for (const li of items()) li.querySelector(".pick").checked = true;
    selection();
  });
}

// ---- Selection and bulk actions ------------------------------------------------------------------------------------------

let anchor = null;
function pickTo(li) {
  const all = items();
  const to = all.indexOf(li);
  let from = all.findIndex((one) => one.dataset.id === (anchor || at));
  if (from < 0) from = to;
  for (let i = Math.min(from, to); i <= Math.max(from, to); i += 1) all[i].querySelector(".pick").checked = true;
  selection();
}

function unselect() {
  for (const box of pane.querySelectorAll(".pick:checked")) box.checked = false;
  selection();
}

function selection() {
  const count = picked().length;
  const bar = pane.querySelector("#bulk");
  if (!bar) return;
  bar.hidden = !count;
  bar.querySelector("[data-selected]").textContent = count ? many("selected", count) : "";
  if (rows()) rows().toggleAttribute("data-picking", count > 0);
}

pane?.addEventListener("change", (event) => {
  if (!event.target.classList.contains("pick")) return;
  anchor = event.target.value;
  selection();
});
pane?.addEventListener("click", (event) => {
  if (event.target.closest("[data-unselect]")) unselect();
  const box = event.target.closest(".pick");
  if (box && event.shiftKey) pickTo(box.closest(".row-li"));
});

/** One action on the selected tickets (or on `ids`). */
export async function bulk(action, value = "", ids = picked()) {
  const data = new FormData();
  for (const id of ids) data.append("ids", id);
  data.append("action", action);
  data.append("value", value);
  const response = await post("/queue/bulk", data);
  if (response) unselect();
  return response;
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "bulk") return;
  event.preventDefault();
  const [action, ...rest] = (event.submitter?.value || event.target.querySelector("[data-free]")?.value || "").split(":");
  if (action) bulk(action, rest.join(":"));
});

// ---- Live ------------------------------------------------------------------------------------------------------------------

const changed = new Set();
const waiting = new Set();
let timer = 0;
let countTimer = 0;

const calm = () => !pane.matches(":hover") && !pane.contains(document.activeElement) && !picked().length && (scroller()?.scrollTop || 0) < 40;

document.addEventListener("live", (event) => {
  const { ticket, name } = event.detail;
  if (!pane || !ticket || name.endsWith("PresenceChanged")) return;
  changed.add(String(ticket));
  clearTimeout(timer);
  timer = setTimeout(refreshRows, 150);
  clearTimeout(countTimer);
  countTimer = setTimeout(counts, 900);
});
for (const name of ["live:again", "changed", "undone"]) document.addEventListener(name, () => { if (pane) { refreshAll(); counts(); } });

async function refreshAll() {
  if (calm()) { await load(query(), { keep: true }); return; }
  for (const li of items()) changed.add(li.dataset.id);
  refreshRows();
}

async function refreshRows() {
  if (!pane || pane.querySelector("[data-loading]")) return;
  const ids = [...changed].slice(0, 200);
  changed.clear();
  const html = await fetchText(`/queue/rows?${query()}&ids=${ids.join(",")}`);
  if (html === null) return;
  const found = new Map();
  const box = document.createElement("template");
  box.innerHTML = html;
  for (const li of box.content.querySelectorAll(".row-li")) found.set(li.dataset.id, li);
  for (const id of ids) {
    const old = item(id);
    const fresh = found.get(id);
    if (old && fresh) replace(old, fresh);
    else if (old) leave(old);
    else if (fresh) waiting.add(id);
  }
  news();
}

function replace(old, fresh) {
  fresh.dataset.group = old.dataset.group;
  fresh.querySelector(".pick").checked = old.querySelector(".pick").checked;
  if ("cursor" in old.dataset) fresh.dataset.cursor = "";
  const focused = old.contains(document.activeElement);
  if (old.querySelector(".row").hasAttribute("aria-current")) { fresh.querySelector(".row").setAttribute("aria-current", "true"); fresh.querySelector(".row").classList.remove("row--unread"); }
  fresh.dataset.fresh = "";
  old.replaceWith(fresh);
  if (focused) fresh.querySelector(".row").focus();
}

/** A row that no longer belongs here goes at once when nobody is near; otherwise it fades and goes when the pointer leaves. */
function leave(li) {
  if (calm()) { tidy(li); return; }
  li.dataset.gone = "";
}

function tidy(li) {
  const head = li.previousElementSibling;
  li.remove();
  if (head?.classList.contains("rowhead") && (!head.nextElementSibling || head.nextElementSibling.classList.contains("rowhead"))) head.remove();
  if (!items().length && !pane.querySelector("[data-more]")) load(query());
}

pane?.addEventListener("pointerleave", () => {
  for (const li of pane.querySelectorAll("[data-gone]")) if (!li.contains(document.activeElement)) tidy(li);
  if (waiting.size && calm()) load(query(), { keep: true });
});

function news() {
  if (!waiting.size) return;
  if (calm()) { load(query(), { keep: true }); return; }
  const bar = pane.querySelector("[data-news]");
  if (!bar) return;
  bar.hidden = false;
  bar.replaceChildren(Object.assign(document.createElement("span"), { textContent: many("new", waiting.size) }));
}
pane?.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-news]")) return;
  await load(query(), { keep: true });
  if (scroller()) scroller().scrollTop = 0;
});

async function counts() {
  const text = await fetchText("/counts");
  if (text === null) return;
  const { views, notices } = JSON.parse(text);
  for (const link of document.querySelectorAll("#nav [data-view]")) {
    const place = link.querySelector(".count");
    if (place && link.dataset.view in views) place.textContent = views[link.dataset.view];
  }
  document.dispatchEvent(new CustomEvent("notices", { detail: notices }));
}

// Deadlines pass while one looks: the list is drawn anew once a minute when nobody is near.
setInterval(() => { if (pane && document.visibilityState === "visible" && calm()) load(query(), { keep: true }); }, 60000);

// ---- More rows at the end --------------------------------------------------------------------------------------------------

const atEnd = new IntersectionObserver((entries) => { for (const entry of entries) if (entry.isIntersecting) more(entry.target); }, { rootMargin: "600px" });
function watchEnd() { for (const end of pane?.querySelectorAll("[data-more]") || []) atEnd.observe(end); }
async function more(end) {
  atEnd.unobserve(end);
  const html = await fetchText(end.dataset.more);
  if (html === null) { setTimeout(() => atEnd.observe(end), 3000); return; }
  end.insertAdjacentHTML("afterend", html);
  end.remove();
  mark();
  watchEnd();
}

function seen() { const start = pane.querySelector("[data-loading]"); if (start) load(pane.dataset.query); }

addEventListener("popstate", () => {
  const found = location.pathname.match(/^\/tickets\/(\d+)/);
  if (found) openTicket(found[1], query(), { push: false });
  else { openTicket(null, query(), { push: false }); if (location.search.slice(1) !== query()) load(location.search.slice(1)); }
});

if (pane) { if (pane.querySelector("[data-loading]")) counts(); seen(); mark(); watchEnd(); selection(); }
