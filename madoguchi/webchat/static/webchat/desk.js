// The line of a chat above the composer: drawn when the ticket opens and whenever the chat changes; tells the visitor what was read.
import { post } from "../design/js/http.js";

const MESSAGES = ["tickets.MessageReady", "tickets.MessageReceived", "tickets.Replied", "tickets.TicketChanged"];
const panel = () => document.querySelector("[data-chat-panel]");
const ticket = () => document.getElementById("conversation")?.dataset.ticket;
let soon = 0;
let typing = 0;
let typingUntil = 0;

async function draw() {
  const place = panel();
  if (!place) return;
  let response;
  try { response = await fetch(place.dataset.chatPanel, { headers: { "HX-Request": "true" }, credentials: "same-origin" }); } catch { return; }
  if (!response.ok || panel() !== place) return;
  place.innerHTML = await response.text();
  show();
}

function seen() {
  const place = panel();
  if (place && document.visibilityState === "visible") post(`${place.dataset.chatPanel}/seen`, {}, { quiet: true });
}

function again() { clearTimeout(soon); soon = setTimeout(draw, 150); }
function begin() { typingUntil = 0; draw(); seen(); }

document.addEventListener("ticket:open", begin);
document.addEventListener("live:again", again);
document.addEventListener("visibilitychange", seen);
document.addEventListener("live", (event) => {
  const { ticket: number, name } = event.detail;
  if (!panel() || String(number) !== ticket()) return;
  if (name === "webchat.VisitorTyping") { typingUntil = Date.now() + 6000; show(); return; }
  if (name.startsWith("webchat.")) again();
  if (name === "tickets.MessageReceived") typingUntil = 0;
  if (MESSAGES.includes(name)) { again(); seen(); }
  if (name === "tickets.Replied") setTimeout(() => document.dispatchEvent(new CustomEvent("ticket:changed")), 1500);  // the clocks hear of it a moment later, and no delivery tells
});

/** Writing is shown for a while after the last sign of it, also when the line is drawn anew meanwhile. */
function show() {
  const line = panel()?.querySelector("[data-chat-typing]");
  if (!line) return;
  const left = typingUntil - Date.now();
  line.hidden = left <= 0;
  clearTimeout(typing);
  if (left > 0) typing = setTimeout(show, left);
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-chat-form]");
  if (!form) return;
  event.preventDefault();
  const response = await post(form.action, new FormData(form));
  if (response) panel().innerHTML = await response.text();
});

if (panel()) begin();
