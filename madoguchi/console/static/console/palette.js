// Ctrl-K: everything that can be done now, places to go to, tickets that match.
import { say } from "../design/js/words.js";
import { onKey } from "../design/js/keys.js";
import { post } from "../design/js/http.js";
import { openTicket, currentId } from "./open.js";
import { goTo } from "./list.js";

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector(".palette-l");
const fold = (text) => text.normalize("NFKC").toLowerCase();
let places = null;
let macros = [];
let entries = [];
let at = 0;
let asked = 0;

/** What the open ticket's own buttons and menus offer: the page knows it already. */
function acts() {
  const found = [];
  const head = document.getElementById("t-head");
  for (const button of head?.querySelectorAll("form button[name]:not([name=macro])") || []) {
    const label = button.getAttribute("aria-label") || button.textContent.trim();
    const group = button.closest("details.pop")?.querySelector("summary")?.getAttribute("aria-label")?.split(":")[0];
    found.push({ label: group && button.closest(".conv-m") ? `${group}: ${label}` : label, group: `#${currentId()}`, run: () => button.form.requestSubmit(button) });
  }
  for (const kind of document.querySelectorAll("#composer [data-kind-to]")) found.push({ label: kind.textContent.trim(), group: `#${currentId()}`, run: () => kind.click() });
  if (head) found.push({ label: say("take"), group: `#${currentId()}`, run: () => post(`/tickets/${currentId()}/change`, { assign: "me" }) });
  if (head) for (const one of macros) found.push({ label: one.label, group: say("macros"), run: () => post(`/tickets/${currentId()}/macro`, { macro: one.id }) });
  return found;
}

function goes(place) {
  return { label: place.label, group: say("go_to"), run: () => { if (place.view && document.getElementById("queue")) goTo(`view=${place.view}`); else location.href = place.url; } };
}

async function open() {
  if (!dialog || dialog.open) return;
  input.value = "";
  dialog.showModal();
  input.focus();
  draw();
  if (!places) {
    try { ({ places, macros } = await (await fetch(list.dataset.src, { credentials: "same-origin" })).json()); } catch { places = null; macros = []; }
    draw();
  }
}

async function draw() {
  const typed = fold(input.value.trim());
  const mine = (asked += 1);
  const all = [...acts(), ...(places || []).map(goes)];
  entries = all.filter((entry) => fold(entry.label).includes(typed)).slice(0, typed ? 12 : 14);
  show();
  if (typed.length < 1) return;
  await new Promise((done) => { setTimeout(done, 120); });
  if (mine !== asked) return;
  let hits = [];
  try { hits = (await (await fetch(`${list.dataset.src}?q=${encodeURIComponent(input.value.trim())}`, { credentials: "same-origin" })).json()).hits; } catch { return; }
  if (mine !== asked) return;
  entries = [
    ...entries,
    ...hits.map((hit) => ({ label: hit.label, sub: `#${hit.id} ${hit.sub}`, lang: hit.lang, group: say("tickets"), run: () => openTicket(hit.id, document.getElementById("queue")?.dataset.query || "") })),
    { label: say("search_for", { q: input.value.trim() }), group: say("tickets"), run: () => { location.href = `/search?q=${encodeURIComponent(input.value.trim())}`; } },
  ];
  show();
}

function show() {
  at = Math.min(at, Math.max(0, entries.length - 1));
  list.replaceChildren();
  let group = "";
  entries.forEach((entry, index) => {
    if (entry.group !== group) { list.append(Object.assign(document.createElement("div"), { className: "menu-h", textContent: entry.group, role: "presentation" })); group = entry.group; }
    const row = document.createElement("div");
    row.className = "menu-i";
    row.id = `palette-${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(index === at));
    row.append(Object.assign(document.createElement("span"), { className: "trunc", textContent: entry.label, lang: entry.lang || "" }));
    if (entry.sub) row.append(Object.assign(document.createElement("span"), { className: "sub trunc", textContent: entry.sub }));
    row.addEventListener("click", () => run(index));
    list.append(row);
  });
  if (!entries.length) list.append(Object.assign(document.createElement("p"), { className: "menu-h", textContent: say("no_match") }));
  input.setAttribute("aria-activedescendant", entries.length ? `palette-${at}` : "");
  list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
}

function run(index) {
  const entry = entries[index];
  dialog.close();
  entry?.run();
}

input?.addEventListener("input", () => { at = 0; draw(); });
input?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    at = (at + (event.key === "ArrowDown" ? 1 : Math.max(1, entries.length) - 1)) % Math.max(1, entries.length);
    show();
  } else if (event.key === "Enter") run(at);
  else return;
  event.preventDefault();
});

onKey("mod+k", open);
onKey("/", () => { const field = document.querySelector(".search-f input[type=search]"); if (field) { field.focus(); field.select(); } else open(); });
document.addEventListener("click", (event) => { if (dialog && event.target.closest("[data-palette]")) { event.preventDefault(); document.getElementById("nav")?.removeAttribute("data-open"); open(); } });
for (const [key, view] of [["i", "mine"], ["u", "unassigned"], ["a", "open"], ["w", "waiting"], ["o", "overdue"], ["t", "team"]]) {
  onKey(`g ${key}`, () => { if (document.getElementById("queue")) goTo(`view=${view}`); else location.href = `/?view=${view}`; });
}
onKey("g n", () => { location.href = "/notices"; });
onKey("g s", () => { location.href = "/settings/"; });
