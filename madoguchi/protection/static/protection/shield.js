// A shielded message shows its original after one deliberate click; without this script the button leads to a page of its own.
import { post } from "../design/js/http.js";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-original]");
  if (!form) return;
  event.preventDefault();
  const response = await post(form.action, {});
  if (!response) return;
  const place = form.closest(".shield");
  const box = document.createElement("div");
  box.innerHTML = await response.text();
  box.tabIndex = -1;
  place.replaceWith(box);
  box.focus({ preventScroll: true });
});
