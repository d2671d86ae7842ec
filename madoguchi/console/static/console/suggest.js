// Canned replies by "/" at a word's beginning, articles by "+", mentions by "@" in notes: a list above the text, chosen by keys or pointer.
import { say } from "../design/js/words.js";

const list = () => document.getElementById("suggest");
const cache = new Map();
let field = null;
let start = -1;
let items = [];
let at = 0;
let asked = 0;

async function load(sign, typed) {
  const box = document.getElementById("composer");
  const language = field.form.elements.language?.value || "";
  if (sign === "+" && !typed) return [];
  const url = sign === "/" ? `${box.dataset.canned}?language=${language}` : sign === "+" ? `${box.dataset.articles}?${new URLSearchParams({ language, q: typed })}` : box.dataset.mentions;
  if (!cache.has(url)) cache.set(url, fetch(url, { credentials: "same-origin" }).then((response) => response.json()).then((found) => found.items));
  try { return await cache.get(url); } catch { cache.delete(url); return []; }
}

document.addEventListener("input", async (event) => {
  if (!event.target.matches("#composer textarea")) return;
  field = event.target;
  const before = field.value.slice(0, field.selectionStart);
  const article = field.id === "reply-text" && document.getElementById("composer").dataset.articles && before.match(/(?:^|[\s　])[+＋]((?:[^\s+＋\d][^\s+＋]{0,39})?)$/); // not a telephone number
  const sign = article ? "+" : field.id === "note-text" ? "@" : "/";
  const found = article || before.match(sign === "/" ? /(?:^|[\s　])\/([^\s/]{0,40})$/ : /(?:^|[\s　(（])@([^\s@]{0,40})$/);
  if (!found) { asked += 1; close(); return; }
  start = before.length - found[1].length - 1;
  const typed = found[1].normalize("NFKC").toLowerCase();
  const mine = (asked += 1);
  const all = await load(sign, found[1]);
  if (mine !== asked) return;
  items = sign === "+" ? all : all.filter((item) => `${item.name} ${item.detail}`.normalize("NFKC").toLowerCase().includes(typed)).slice(0, 8);
  at = 0;
  draw(sign);
});

function draw(sign) {
  const box = list();
  if (!box) return;
  box.replaceChildren();
  if (!items.length) {
    if (sign === "/" ) box.append(Object.assign(document.createElement("p"), { className: "menu-h", textContent: say("no_canned") }));
    box.hidden = sign !== "/";
    return;
  }
  items.forEach((item, index) => {
    const row = document.createElement("div");
    row.className = "menu-i";
    row.id = `suggest-${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(index === at));
    row.append(Object.assign(document.createElement("b"), { textContent: sign + item.name }), Object.assign(document.createElement("span"), { className: "trunc ink-2", textContent: item.detail || "" }));
    row.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(index); });
    box.append(row);
  });
  box.hidden = false;
  field.setAttribute("aria-activedescendant", `suggest-${at}`);
}

function close() {
  if (list()) list().hidden = true;
  field?.removeAttribute("aria-activedescendant");
  items = [];
}

function choose(index) {
  const item = items[index];
  if (!item) return;
  field.setRangeText(item.insert, start, field.selectionStart, "end");
  close();
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  if (!items.length || list()?.hidden || event.target !== field || event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    at = (at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length;
    for (const [index, row] of [...list().children].entries()) row.setAttribute("aria-selected", String(index === at));
    field.setAttribute("aria-activedescendant", `suggest-${at}`);
  } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") choose(at);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("focusout", (event) => { if (event.target === field) setTimeout(close, 150); });
