// Dialogs: <dialog id="x" class="dialog"> opened by [data-dialog="x"], closed by [data-close]. A form with data-confirm="x" asks
// first: its dialog's [data-go] button sends it.
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
  return dialog;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    openDialog(opener.dataset.dialog);
    return;
  }
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  if (event.target.closest("[data-close]") || event.target === dialog) dialog.close();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const id = form.dataset?.confirm;
  if (!id || form.dataset.sure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = openDialog(id);
  const go = dialog?.querySelector("[data-go]");
  if (go) go.onclick = () => { form.dataset.sure = "yes"; dialog.close(); form.requestSubmit(); };
}, true);
