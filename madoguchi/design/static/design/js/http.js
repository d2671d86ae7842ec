// Requests of scripts: CSRF, errors said in words, and what to do when the session has ended.
import { say } from "./words.js";
import { toast } from "./toasts.js";

export const csrf = () => document.body.dataset.csrf;

/** The readable text of an error answer (design/_error.html), or the general one. */
export function errorText(html) {
  const found = new DOMParser().parseFromString(html || "", "text/html").querySelector("[data-error]");
  return found?.textContent.trim() || say("failed");
}

export function tellSignedOut() {
  toast(say("signed_out"), { kind: "error", seconds: 60, link: { href: `/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`, label: say("sign_in") } });
}

/**
 * POST `data` (an object or FormData). Resolves to the Response when it is ok; otherwise tells the reader (unless quiet) and
 * resolves to null. A lost connection also resolves to null.
 */
export async function post(url, data = {}, { quiet = false, keepalive = false } = {}) {
  const body = data instanceof FormData ? data : new URLSearchParams(data);
  let response;
  try {
    response = await fetch(url, { method: "POST", body, keepalive, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" }, credentials: "same-origin" });
  } catch {
    if (!quiet) toast(say("failed"), { kind: "error" });
    return null;
  }
  if (response.ok) {
    const triggers = JSON.parse(response.headers.get("HX-Trigger") || "{}");
    for (const [name, detail] of Object.entries(triggers)) document.dispatchEvent(new CustomEvent(name, { detail }));
    return response;
  }
  if (response.status === 401) { if (!quiet) tellSignedOut(); } else if (!quiet) toast(errorText(await response.text()), { kind: "error" });
  return null;
}

document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = csrf(); });
document.addEventListener("htmx:responseError", (event) => {
  const { status, responseText } = event.detail.xhr;
  if (status === 401) tellSignedOut(); else toast(errorText(responseText), { kind: "error" });
});
document.addEventListener("htmx:sendError", () => toast(say("failed"), { kind: "error" }));
// A server may answer with `HX-Trigger: {"toast": {"text": ..., "undo": url, "token": what the url needs}}`.
document.addEventListener("toast", (event) => {
  const { text, kind, undo, token, seconds, label } = event.detail;
  const action = undo
    ? { label, run: async () => { if (await post(undo, token ? { token } : {})) document.dispatchEvent(new CustomEvent("undone", { detail: event.detail })); } }
    : null;
  toast(text, { kind, seconds, action });
});
