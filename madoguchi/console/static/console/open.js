// Which ticket is open, and putting another one into its place without loading the page.
import { toast } from "../design/js/toasts.js";
import { errorText, tellSignedOut } from "../design/js/http.js";
import { say } from "../design/js/words.js";

const place = document.getElementById("ticket");

export const currentId = () => place?.querySelector("[data-ticket]")?.dataset.ticket || null;

export function showPane(name) {
  document.body.dataset.pane = name;
}

let asked = 0;

/** Open ticket `id` (null: none). `event` ticket:leave lets parts save; ticket:open tells that the new one stands there. */
export async function openTicket(id, query, { push = true, quiet = false } = {}) {
  if (!place) { location.href = id ? `/tickets/${id}` : "/"; return; }
  const mine = (asked += 1);
  place.setAttribute("aria-busy", "true");
  let response;
  try {
    response = await fetch(id ? `/tickets/${id}/pane` : "/none", { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  } catch {
    toast(say("failed"), { kind: "error" });
    place.removeAttribute("aria-busy");
    return;
  }
  const html = await response.text();
  if (mine !== asked) return;
  place.removeAttribute("aria-busy");
  if (!response.ok) { if (response.status === 401) tellSignedOut(); else toast(errorText(html), { kind: "error" }); return; }
  document.dispatchEvent(new CustomEvent("ticket:leave"));
  place.innerHTML = html;
  if (push) history.pushState({ ticket: id }, "", id ? `/tickets/${id}?${query}` : `/?${query}`);
  const title = place.querySelector("[data-title]")?.dataset.title;
  if (title) document.title = `${title} · Madoguchi`;
  if (!quiet) showPane(id ? "conversation" : "queue");
  document.body.toggleAttribute("data-none", !id);
  window.htmx?.process(place);
  document.dispatchEvent(new CustomEvent("ticket:open", { detail: { id } }));
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-pane-to]");
  if (!tab) return;
  event.preventDefault();
  if (tab.dataset.paneTo !== "queue" && !currentId()) return;
  showPane(tab.dataset.paneTo);
});
document.body.toggleAttribute("data-none", !currentId());
