// The answer that a link in a mail names is sent at once, by the page and not by opening it: a scanner of mails runs no scripts.
// Without this script the button does the same.
const form = document.querySelector("form[data-send]");

function send() {
  if (document.prerendering || document.visibilityState !== "visible") return;
  document.removeEventListener("visibilitychange", send);
  form.requestSubmit();
}

if (form) {
  document.addEventListener("visibilitychange", send);
  document.addEventListener("prerenderingchange", send, { once: true });
  send();
}
