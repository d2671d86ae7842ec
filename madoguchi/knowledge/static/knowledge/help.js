// Search as you type. Without this script the form simply opens the page of results.
const PAUSE = 180;

for (const form of document.querySelectorAll("[data-search]")) {
  const field = form.elements.q;
  const box = form.querySelector("[data-found]");
  let timer = 0;
  let asked = 0;

  const close = () => { box.hidden = true; };

  async function look() {
    const typed = field.value.trim();
    const mine = (asked += 1);
    if (!typed) { close(); return; }
    const response = await fetch(`${form.action}?${new URLSearchParams({ q: typed, part: "1" })}`).catch(() => null);
    if (!response?.ok || mine !== asked) return;
    const found = await response.text();
    if (mine !== asked) return;
    box.innerHTML = found;
    box.hidden = false;
  }

  field.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  field.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(look, PAUSE); });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || box.hidden) return;
    const links = [...box.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { close(); field.focus(); } else if (event.key === "ArrowDown" && links.length) links[Math.min(at + 1, links.length - 1)].focus();
    else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] || field).focus();
    else return;
    event.preventDefault();
  });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) setTimeout(close, 150); });
}
