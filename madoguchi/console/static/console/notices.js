// The bell: how many notices are unread, and a note when one arrives.
import { post } from "../design/js/http.js";

function show(count) {
  for (const badge of document.querySelectorAll("[data-notice-count]")) { badge.textContent = count; badge.hidden = !count; }
}
document.addEventListener("notices", (event) => show(event.detail));
document.addEventListener("notices:read", () => show(0));
document.addEventListener("click", (event) => {
  const link = event.target.closest(".notice-l a[data-unread]");
  if (link) post("/notices/read", { ids: link.dataset.unread }, { quiet: true, keepalive: true });
});
