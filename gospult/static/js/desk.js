// What makes the desk quick. Everything here also works without scripts: links and forms do the same.

const DRAFTS = "gospult-draft-";

// With scripts the file button can be an ordinary one that names what was chosen.
function dress() {
  document.querySelectorAll(".attach input").forEach((input) => input.classList.add("vh"));
}

document.addEventListener("change", (event) => {
  if (!event.target.matches(".attach input")) return;
  const names = [...event.target.files].map((file) => file.name);
  event.target.closest(".attach").querySelector("[data-files]").textContent = names.length > 1 ? `Фото: ${names.length}` : names[0] ?? "Фото сделанного";
});

function textOf(form) { return form.querySelector("textarea[name=text]"); }

function keep(key, value) {
  try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value); } catch { /* the server keeps the draft anyway */ }
}

function kept(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

// Text that never reached the server (no network, a closed lid) comes back when the case is opened again.
function restore() {
  const form = document.getElementById("answer");
  if (!form || form.dataset.restored) return;
  form.dataset.restored = "yes";
  const text = kept(DRAFTS + form.dataset.case);
  if (text !== null && text !== textOf(form).value) {
    textOf(form).value = text;
    textOf(form).dispatchEvent(new Event("input", { bubbles: true }));
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#answer");
  if (form && event.target === textOf(form)) keep(DRAFTS + form.dataset.case, event.target.value);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("#answer");
  if (!form) return;
  const stamp = form.querySelector("[data-saved]")?.dataset.saved;
  if (event.detail.successful && stamp) {
    form.elements.seen.value = stamp;
    keep(DRAFTS + form.dataset.case, null);
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.id === "answer") keep(DRAFTS + event.target.dataset.case, null);
});

function mark() {
  const number = document.querySelector(".case-head")?.dataset.number;
  document.querySelectorAll(".row > a[aria-current]").forEach((a) => a.removeAttribute("aria-current"));
  if (number) document.querySelector(`#row-${number} > a`)?.setAttribute("aria-current", "true");
}

// A case opened by its number may have no row in the list that is shown: then there is nothing to renew.
document.addEventListener("htmx:beforeSwap", (event) => {
  const row = /<li class="row" id="([^"]+)" hx-swap-oob[\s\S]*?<\/li>/.exec(event.detail.serverResponse ?? "");
  if (row && !document.getElementById(row[1])) event.detail.serverResponse = event.detail.serverResponse.replace(row[0], () => "");
});

document.addEventListener("htmx:oobAfterSwap", mark); // the row itself comes anew with the case

// The open case is marked in the list, and on a phone the list steps aside.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "case") {
    mark();
    document.body.classList.add("open");
    event.detail.target.scrollTop = 0;
    restore();
    dress();
    count();
  }
  if (event.detail.target.id === "filters") event.detail.target.querySelector("select")?.focus();
  const pressed = event.detail.requestConfig?.triggeringEvent?.type;
  if (event.detail.target.id.startsWith("choices-") && pressed !== "input") event.detail.target.querySelector("input")?.focus();
});

// What was done with a case moves it from view to view.
document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, target, requestConfig } = event.detail;
  if (successful && target.id === "case" && requestConfig.verb === "post") htmx.trigger(document.body, "desk:changed");
});

// A request that failed must say so: the network was gone, or the server refused.
function tell(text) {
  const item = Object.assign(document.createElement("li"), { className: "note late", textContent: text });
  const list = Object.assign(document.createElement("ul"), { className: "notes" });
  list.setAttribute("role", "alert");
  list.append(item);
  document.getElementById("notes")?.replaceChildren(list);
}

document.addEventListener("htmx:sendError", () => tell("Нет связи с сервером. Набранный текст цел: повторите, когда связь вернётся."));
document.addEventListener("htmx:timeout", () => tell("Сервер долго не отвечает. Набранный текст цел: повторите через минуту."));
document.addEventListener("htmx:responseError", (event) => {
  const gone = event.detail.xhr.status === 404;
  tell(gone ? "Обращение вам больше не видно: обновите список." : `Действие не выполнено (${event.detail.xhr.status}). Набранный текст цел: обновите страницу и повторите.`);
});

// Ten seconds in which an answer can be taken back.
function count() {
  document.querySelectorAll("[data-countdown]").forEach((mark) => {
    const left = Math.ceil((new Date(mark.dataset.countdown) - Date.now()) / 1000);
    if (left > 0) mark.textContent = `через ${left} с`;
    else mark.closest(".note")?.replaceChildren("Ответ отправляется. Обновите страницу, чтобы увидеть ссылку на него.");
  });
}

// Ten seconds in which «Отменить» of a press for many cases is offered.
function countUndo() {
  document.querySelectorAll("[data-undo]").forEach((mark) => {
    const left = Number(mark.dataset.undo);
    if (left > 0) { mark.textContent = `${left} с`; mark.dataset.undo = left - 1; }
    else mark.closest("form").remove();
  });
}

setInterval(count, 1000);
setInterval(countUndo, 1000);
restore();
dress();
count();
countUndo();
