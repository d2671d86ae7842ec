// Short messages at the foot of the page. One with an action (undo) stays until its time is over, also while it is hovered.
import { say } from "./words.js";

const STAY = 6000;
const region = () => document.getElementById("toasts");

/**
 * Show `text`. action: {label, run} adds a button; kind "error" stays longer and is announced at once; seconds overrides the time.
 * Returns a function that removes it.
 */
export function toast(text, { action = null, link = null, kind = "", seconds = 0 } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  if (kind) box.dataset.kind = kind;
  if (kind === "error") box.setAttribute("role", "alert");
  box.append(text);
  if (link) box.append(" ", Object.assign(document.createElement("a"), { href: link.href, textContent: link.label }));
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: action.label || say("undo") });
    button.addEventListener("click", () => { remove(); action.run(); });
    box.append(button);
  }
  region()?.append(box);
  return keep(box, (seconds ? seconds * 1000 : 0) || (kind === "error" || action ? STAY * 2 : STAY));
  function remove() { box.remove(); }
}

function keep(box, time) {
  let timer = setTimeout(() => box.remove(), time);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => { timer = setTimeout(() => box.remove(), 2000); });
  return () => box.remove();
}

for (const box of document.querySelectorAll("[data-toast]")) keep(box, STAY);
