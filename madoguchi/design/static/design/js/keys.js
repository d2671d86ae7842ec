// One table of keyboard shortcuts. A key does nothing while somebody types, except those with Ctrl or Cmd.
const table = new Map();
let prefix = "";
let timer = 0;

/** `keys`: "j", "?", "g i" (two strokes), "mod+Enter" (Ctrl or Cmd). `run` gets the event; returning false lets the key pass. */
export function onKey(keys, run) { table.set(keys, run); }

export const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey || (typing(event.target) && !mod)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const stroke = (mod ? "mod+" : "") + (event.shiftKey && key.length > 1 ? "Shift+" : "") + (event.shiftKey && /^[a-z]$/.test(key) ? "Shift+" : "") + key;
  const run = table.get(prefix ? `${prefix} ${stroke}` : stroke);
  clearTimeout(timer);
  const starts = !prefix && !run && [...table.keys()].some((keys) => keys.startsWith(`${stroke} `));
  prefix = starts ? stroke : "";
  if (starts) timer = setTimeout(() => { prefix = ""; }, 1200);
  if (!run || (document.querySelector("dialog[open]") && !mod)) return;
  if (run(event) !== false) event.preventDefault();
});
