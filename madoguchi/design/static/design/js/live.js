// The event stream. It carries only what changed (never content); listeners fetch what they show, with a permission check.
import { say } from "./words.js";
import { toast } from "./toasts.js";

let source = null;
let wait = 1000;
let lost = false;

function state(name) {
  document.documentElement.dataset.live = name;
}

function connect() {
  source = new EventSource("/live");
  source.addEventListener("hello", () => {
    state("on");
    wait = 1000;
    if (lost) document.dispatchEvent(new CustomEvent("live:again"));
    lost = false;
  });
  source.addEventListener("signal", (event) => {
    document.dispatchEvent(new CustomEvent("live", { detail: JSON.parse(event.data) }));
  });
  source.addEventListener("reload", () => document.dispatchEvent(new CustomEvent("live:again")));
  source.onerror = again;
}

function again() {
  source.close();
  lost = true;
  state("off");
  setTimeout(connect, wait);
  wait = Math.min(wait * 2, 30000);
}

export function start() {
  if (!("EventSource" in window) || source) return;
  connect();
  addEventListener("offline", () => { state("off"); toast(say("offline"), { seconds: 10 }); });
  addEventListener("online", () => { toast(say("online")); again(); });
  addEventListener("pagehide", () => source.close());
}
