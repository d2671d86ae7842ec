// Menus are <details class="pop">: they work without scripts; this closes them, moves through them by arrow keys and types to filter.
const open = () => [...document.querySelectorAll("details.pop[open]")];

document.addEventListener("click", (event) => {
  for (const pop of open()) {
    const inside = pop.contains(event.target);
    if (!inside || (event.target.closest(".menu-i") && !event.target.closest("[data-stay]"))) pop.open = false;
  }
});

document.addEventListener("toggle", (event) => {
  const pop = event.target;
  if (!(pop instanceof HTMLDetailsElement) || !pop.classList.contains("pop") || !pop.open) return;
  for (const other of open()) if (other !== pop && !other.contains(pop)) other.open = false;
  const first = pop.querySelector("[data-filter]") || pop.querySelector(".menu [aria-checked='true'], .menu .menu-i");
  if (first && pop.matches(":focus-within")) first.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const pop = event.target.closest?.("details.pop[open]");
  if (!pop) return;
  if (event.key === "Escape") {
    pop.open = false;
    pop.querySelector("summary").focus();
    event.stopPropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...pop.querySelectorAll(".menu .menu-i")].filter((item) => !item.hidden && item.offsetParent);
    const at = items.indexOf(document.activeElement);
    const next = items[(at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + items.length) % items.length];
    next?.focus();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target.matches("[data-filter]")) {
    const only = [...pop.querySelectorAll(".menu .menu-i")].find((item) => !item.hidden);
    if (only) { event.preventDefault(); only.click(); }
  }
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-filter]")) return;
  const wanted = event.target.value.normalize("NFKC").toLowerCase();
  for (const item of event.target.closest(".menu").querySelectorAll(".menu-i[data-name], .menu-i"))
    item.hidden = !item.textContent.normalize("NFKC").toLowerCase().includes(wanted);
});
