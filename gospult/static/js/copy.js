// A button that copies: data-copy names the field or the text. Without scripts people select and copy by themselves.

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source?.value ?? source?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch { // an address without https: the browser gives no clipboard
    if (!source?.select) return;
    source.select();
    document.execCommand("copy");
  }
  button.dataset.was ??= button.textContent;
  button.textContent = "Скопировано";
  setTimeout(() => { button.textContent = button.dataset.was; }, 2000);
});
