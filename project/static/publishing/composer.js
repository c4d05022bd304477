// What is being written is kept in this browser until it is published: for its writer only, a record for each window.
"use strict";

const NOT_KEPT = ["csrfmiddlewaretoken", "writer", "files", "refused", "kept"];
const KEPT_FOR = 30 * 24 * 3600 * 1000; // milliseconds
const here = location.pathname + location.search;
const shelf = `fanfare:${document.body.dataset.person}:${here}:`;
sessionStorage.fanfare ??= crypto.getRandomValues(new Uint32Array(2)).join("-");
const mine = shelf + sessionStorage.fanfare;

const composer = () => document.querySelector("form.composer");

function keepWords() {
  const fields = [...new FormData(composer())].filter(([name]) => !NOT_KEPT.includes(name));
  if (!fields.some(([name, value]) => name === "media" || (name.startsWith("text") && value.trim()))) return forgetWords();
  try {
    localStorage[mine] = JSON.stringify({ at: Date.now(), fields });
  } catch {
    // No room, or not allowed: the page itself has it all.
  }
}

function forgetWords() {
  localStorage.removeItem(mine);
}

function recordOf(key) {
  try {
    return JSON.parse(localStorage[key] ?? "null");
  } catch {
    return null;
  }
}

// Of another window, or one that was closed: the latest.
function left() {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(shelf) && key !== mine && recordOf(key));
  for (const key of keys) if (recordOf(key).at < Date.now() - KEPT_FOR) localStorage.removeItem(key);
  return keys.filter((key) => key in localStorage).sort((one, other) => recordOf(other).at - recordOf(one).at)[0];
}

function bringBack({ fields }) {
  const form = composer(), all = new Map();
  for (const [name, value] of fields) all.set(name, [...(all.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || NOT_KEPT.includes(field.name) || field.type === "submit" || field.closest("#pictures")) continue;
    const values = all.get(field.name) ?? [];
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.name !== "channels") field.value = values[0] ?? "";
  }
  for (const fold of form.querySelectorAll("details.own-texts")) fold.open ||= [...fold.querySelectorAll("textarea")].some(({ value }) => value);
  const pictures = fields.filter(([name]) => name === "media" || name.startsWith("alt_"));
  if (pictures.length || form.querySelector("[name=media]")) arrange(pictures);
  showZone();
  form.dispatchEvent(new Event("input", { bubbles: true })); // counts, and keeps it
}

function arrange(pictures) {
  const values = { attach: 1 };
  for (const [name, value] of pictures) name === "media" ? (values.media ??= []).push(value) : (values[name] = value);
  for (const shown of composer().querySelectorAll("#pictures li")) shown.remove();
  work.push({ values });
  start();
  const wanted = values.media?.length ?? 0;
  working.then(() => {
    if (composer().querySelectorAll("[name=media]").length < wanted) say(composer().querySelector("#pictures"), "A picture was not kept for so long. Add it again.");
  });
}

// Where the zone is a guess and no time is set yet, this browser knows better than the server did.
function guessZone() {
  const { zone: ours, moment } = composer().elements;
  if (zone && ours.value === document.body.dataset.timeZone && !moment.value) ours.value = zone;
  showZone();
}

function showZone() {
  composer().querySelector("[data-zone]").textContent = composer().elements.zone.value;
}

function begin() {
  if (!composer()) return;
  guessZone();
  const own = recordOf(mine), other = left(), notice = composer().querySelector(".kept");
  if (own) {
    notice.hidden = false;
    bringBack(own);
  } else if (other && notice.hidden) {
    const [, words] = recordOf(other).fields.find(([name, value]) => name.startsWith("text") && value) ?? ["", "pictures"];
    notice.hidden = false;
    notice.querySelector("p").textContent = `You were writing here: “${words.slice(0, 80)}”`;
    notice.querySelector("p").after(button("Bring it back", () => {
      bringBack(recordOf(other));
      localStorage.removeItem(other);
      notice.hidden = true;
    }));
    notice.querySelector("[name=forget]").replaceWith(button("Forget it", () => {
      localStorage.removeItem(other);
      notice.hidden = true;
    }));
  }
}

function button(words, act) {
  const it = made("button", { type: "button", className: "button small", textContent: words });
  it.addEventListener("click", act);
  return it;
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.closest?.("form.composer") && target.id !== "files") keepWords();
  });
}
document.addEventListener("click", ({ target }) => target.closest("[data-forget], [name=forget]") && forgetWords(), true);
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.elt === composer() && detail.xhr.status === 204) forgetWords(); // published, or changed
});
document.addEventListener("DOMContentLoaded", begin); // after htmx
