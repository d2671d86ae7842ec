// The desk: brings its parts together.
import { start } from "../design/js/live.js";
import { onKey } from "../design/js/keys.js";
import { openDialog } from "../design/js/dialog.js";
import "./list.js";
import "./ticket.js";
import "./composer.js";
import "./palette.js";
import "./notices.js";

start();
onKey("?", () => openDialog("keys"));
document.addEventListener("click", (event) => { if (event.target.closest("[data-help]")) openDialog("keys"); });
