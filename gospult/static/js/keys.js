// The keyboard. A key works where an element says so itself: aria-keyshortcuts="r", "g+p", "/" or "?".
// Physical keys are read (event.code), so that the Russian layout works as well as the Latin one.

const LEAD = 1500; // ms that a first key (g) waits for the second
let lead = "", leadAt = 0;

function keyOf(event) {
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return "?";
  if (event.code === "Slash") return "/";
  const [, letter, digit] = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code) ?? [];
  return letter?.toLowerCase() ?? digit ?? "";
}

function isTyping(element) {
  return element.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=file])");
}

function focusFirst(box) {
  (box.querySelector("input:checked") ?? box.querySelector("input:not([type=hidden]), select, textarea, button, a"))?.focus();
}

// The ready choice gets the focus, so that one more Enter accepts it.
function openPanel(details) {
  details.open = true;
  focusFirst(details.querySelector(".panel") ?? details);
}

// What is ticked as not done wants a remark: the hand is there at once, Esc leads it back.
function tick(element) {
  element.click();
  if (element.checked && element.name === "failed") element.form.elements[`note-${element.value}`]?.focus();
}

function press(element) {
  if (element.matches("summary")) openPanel(element.parentElement);
  else if (element.matches("textarea, select") || (element.matches("input") && !["radio", "checkbox"].includes(element.type))) element.focus();
  else tick(element);
}

function step(by) {
  const rows = [...document.querySelectorAll(".rows .row > a")];
  const at = rows.findIndex((row) => row === document.activeElement || row.parentElement.contains(document.activeElement));
  const from = at >= 0 ? at : rows.findIndex((row) => row.hasAttribute("aria-current"));
  const row = rows[Math.min(Math.max(from + by, 0), rows.length - 1)];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function toggleRow() {
  document.activeElement.closest(".row")?.querySelector("input[type=checkbox]")?.click();
}

function escape(active) {
  const details = active.closest("details[open]");
  if (details) { details.open = false; details.querySelector("summary").focus(); }
  else if (isTyping(active)) active.blur();
}

document.addEventListener("keydown", (event) => {
  const active = document.activeElement ?? document.body;
  if (event.key === "Escape") return escape(active);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return (active.form ?? document.querySelector("form[data-keys]"))?.querySelector(".btn-main:not([type=button])")?.click();
  const another = active.matches?.("[name^=note-]") && active.value === "" && /^\d$/.test(event.key); // the next tick, no remark yet
  if (event.ctrlKey || event.altKey || event.metaKey || (isTyping(active) && !another)) return;
  const find = active.closest(".panel")?.querySelector("input[type=search]");
  if (find && event.key.length === 1 && event.key !== " ") return find.focus(); // letters typed over ready choices look for others
  let key = keyOf(event);
  if (!key) return;
  if (lead && Date.now() - leadAt < LEAD) key = `${lead}+${key}`;
  lead = "";
  if (key === "g") { lead = key; leadAt = Date.now(); return; }
  if (key === "j" || key === "k") { event.preventDefault(); return step(key === "j" ? 1 : -1); }
  if (key === "x") return toggleRow();
  const element = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key)}"]`)].find((e) => e.offsetParent);
  if (!element) return;
  event.preventDefault();
  press(element);
});
