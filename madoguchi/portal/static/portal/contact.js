// Articles that may answer already, while the subject is typed. Without this script the form is the same, only without them.
const PAUSE = 250;
const field = document.querySelector("[data-suggest]");
const box = document.querySelector("[data-suggestions]");
let timer = 0;
let asked = 0;

async function look() {
  const typed = field.value.trim();
  const mine = (asked += 1);
  if (typed.length < 2) { box.hidden = true; return; }
  const response = await fetch(`${box.dataset.from}?${new URLSearchParams({ q: typed, part: "1" })}`).catch(() => null);
  if (!response?.ok || mine !== asked) return;
  const found = await response.text();
  if (mine !== asked) return;
  const list = box.querySelector("div");
  list.innerHTML = found;
  for (const link of list.querySelectorAll("a")) link.target = "_blank";
  box.hidden = !list.querySelector("a");
}

function soon(event) {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
}

field.addEventListener("input", soon);
field.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(look, PAUSE); });
