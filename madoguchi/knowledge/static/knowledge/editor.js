// Writing an article: buttons for Markdown, preview, pictures by button, drop or paste, and a warning before what was typed is lost.
import { say } from "../design/js/words.js";
import { toast } from "../design/js/toasts.js";
import { post } from "../design/js/http.js";
import { put, wrap, each, link } from "../design/js/formatting.js";

const form = document.querySelector("[data-editor]");
const field = form.elements.body;
const view = form.querySelector("[data-view]");
let dirty = false;

form.querySelector("[data-tools]").hidden = false;

/** A block of its own, with empty lines around it. */
function block(text) {
  const before = field.value.slice(0, field.selectionStart);
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  put(field, `${gap}${text}`);
}

async function see(on) {
  if (on) {
    const response = await post(form.dataset.preview, { text: field.value });
    if (!response) return;
    view.innerHTML = await response.text();
  }
  view.hidden = !on;
  field.hidden = on;
  form.querySelector("[data-see]").setAttribute("aria-pressed", String(on));
}

async function upload(files) {
  for (const file of files) {
    if (file.size > Number(form.dataset.limit)) { toast(`${say("picture_failed")}: ${file.name}`, { kind: "error" }); continue; }
    const data = new FormData();
    data.append("file", file);
    const response = await post(form.dataset.picture, data);
    if (response) { block(`${(await response.json()).markdown}\n`); dirty = true; }
  }
}

form.addEventListener("click", (event) => {
  const on = (name) => event.target.closest(`[data-${name}]`);
  if (on("wrap")) wrap(field, on("wrap").dataset.wrap);
  else if (on("line")) each(field, on("line").dataset.line);
  else if (on("link")) link(field);
  else if (on("block")) block(on("block").dataset.block);
  else if (on("see")) { see(view.hidden); return; }
  else return;
  dirty = true;
});
form.addEventListener("keydown", (event) => {
  if (event.target === field && (event.ctrlKey || event.metaKey) && event.key === "b" && !event.isComposing) { event.preventDefault(); wrap(field, "**"); dirty = true; }
});
form.addEventListener("change", (event) => {
  if (!event.target.matches("[data-upload]")) return;
  upload([...event.target.files]);
  event.target.value = "";
});
form.addEventListener("paste", (event) => {
  if (event.target !== field || !event.clipboardData.files.length) return;
  event.preventDefault();
  upload([...event.clipboardData.files]);
});
field.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault(); });
field.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  upload([...event.dataTransfer.files]);
});
form.addEventListener("input", () => { dirty = true; });
form.addEventListener("submit", () => { dirty = false; });
addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
