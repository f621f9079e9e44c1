// Light or dark: follows the system until the person chooses. Kept in localStorage, so reading needs no cookie.
// Loaded without `defer`: the page must not flash in the other colour.
const THEME = "gospult-theme";

function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

function readTheme() {
  try { return localStorage.getItem(THEME); } catch { return null; } // private windows may refuse
}

setTheme(readTheme());

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  setTheme(dark ? "light" : "dark");
  try { localStorage.setItem(THEME, dark ? "light" : "dark"); } catch { /* the choice lives until the page is left */ }
});
