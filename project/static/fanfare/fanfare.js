// What every page needs: the browser's time zone, menus that close, initials for missing pictures, keys.
"use strict";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function fillTimeZones() {
  for (const input of document.querySelectorAll("input[data-time-zone]")) input.value = zone;
}

// The zone follows the browser until the person chooses one; only until then the page has the address.
function tellTimeZone() {
  const { timeZone, timeZoneUrl } = document.body.dataset;
  if (!timeZoneUrl || !zone || zone === timeZone) return;
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch(timeZoneUrl, { method: "POST", headers, body: new URLSearchParams({ time_zone: zone, guess: "1" }) });
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.type === "click" && !menu.contains(event.target)) menu.open = false;
  }
}

// A picture that does not come gives way to the initials under it.
function hideIfBroken(image) {
  if (image.matches?.(".avatar img")) image.hidden = true;
}

for (const image of document.querySelectorAll(".avatar img")) {
  if (image.complete && !image.naturalWidth) hideIfBroken(image);
}
document.addEventListener("error", (event) => hideIfBroken(event.target), true);

// What was wrong with a field is said until it is changed; of the length of a text the counter says it.
document.addEventListener("input", ({ target }) => {
  for (const place of [target.closest(".field"), target.closest("fieldset.fields")]) {
    for (const said of place?.querySelectorAll(":scope > .errorlist") ?? []) said.remove();
  }
  target.removeAttribute("aria-invalid");
});

// Single letters are keys, unless switched off.
function pressLetter(event) {
  const { key, target, ctrlKey, metaKey, altKey } = event, { letterKeys } = document.body.dataset;
  if (!letterKeys || ctrlKey || metaKey || altKey || event.defaultPrevented) return;
  if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const search = key === "/" && document.querySelector("main [type=search]");
  const wanted = search || document.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  search ? search.focus() : wanted.click();
}

document.addEventListener("keydown", pressLetter);
document.addEventListener("click", ({ target }) => target.closest("[aria-keyshortcuts='?']") && document.getElementById("shortcuts").showModal());

fillTimeZones();
tellTimeZone();
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
