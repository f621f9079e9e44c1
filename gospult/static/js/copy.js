// A button or a link that copies: data-copy names the field. Without scripts people select and copy by themselves.

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  const field = button && document.getElementById(button.dataset.copy);
  if (!field) return;
  field.select();
  // At once, before a link opens its tab and the page loses the focus; the clipboard of the browser itself needs https.
  if (!document.execCommand("copy")) navigator.clipboard?.writeText(field.value);
  button.dataset.was ??= button.textContent;
  button.textContent = "Скопировано";
  setTimeout(() => { button.textContent = button.dataset.was; }, 2000);
});
