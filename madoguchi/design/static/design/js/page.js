// Every page: toasts, errors, menus, dialogs, the narrow screen's drawer.
import "./toasts.js";
import "./http.js";
import "./menu.js";
import "./dialog.js";

const nav = () => document.getElementById("nav");

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-nav-open]")) {
    event.preventDefault();
    nav()?.setAttribute("data-open", "");
    nav()?.querySelector("a, button")?.focus();
  } else if (nav()?.hasAttribute("data-open") && (event.target.closest("[data-nav-close]") || !nav().contains(event.target))) {
    nav().removeAttribute("data-open");
    event.preventDefault();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") nav()?.removeAttribute("data-open");
});

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  await navigator.clipboard.writeText(copy.dataset.copy);
  const [{ toast }, { say }] = await Promise.all([import("./toasts.js"), import("./words.js")]);
  toast(say("copied"));
});
