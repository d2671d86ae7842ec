// What the server does not have yet stays on this device, per ticket and kind, and is sent when the line or the session is back.
import { post } from "../design/js/http.js";

const key = (ticket, kind) => `madoguchi:draft:${ticket}:${kind}`;
const KEPT_DAYS = 14;

export function keepLocal(ticket, kind, body) {
  try {
    if (body) localStorage.setItem(key(ticket, kind), JSON.stringify({ body, at: Date.now() }));
    else localStorage.removeItem(key(ticket, kind));
  } catch { /* a full or closed storage: the server copy remains */ }
}

export function dropLocal(ticket, kind) {
  try { localStorage.removeItem(key(ticket, kind)); } catch { /* nothing was kept */ }
}

export function localOf(ticket, kind) {
  try { return JSON.parse(localStorage.getItem(key(ticket, kind)) || "null")?.body || ""; } catch { return ""; }
}

/** Texts of other tickets that never reached the server: kept there as drafts now. */
export async function sendWaiting() {
  let names = [];
  try { names = Object.keys(localStorage).filter((name) => name.startsWith("madoguchi:draft:")); } catch { return; }
  const open = document.getElementById("composer")?.dataset.ticket;
  for (const name of names) {
    const [, , ticket, kind] = name.split(":");
    if (ticket === open) continue;
    const kept = JSON.parse(localStorage.getItem(name) || "null");
    if (!kept || Date.now() - kept.at > KEPT_DAYS * 86400000) { localStorage.removeItem(name); continue; }
    if (await post(`/tickets/${ticket}/draft`, { kind, body: kept.body, fields: "{}", version: "0" }, { quiet: true })) localStorage.removeItem(name);
  }
}
