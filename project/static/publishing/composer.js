// What is being written is kept in this browser until it is published: for its writer only, a record for each window.
// Of fanfare.js: `zone`. Of contact.js: `person`, `newElement`, `sayAt`, `sentence`, `sentences`. Of pictures.js: `pictureWork`, `unsent`, `awaited`, `workOnPictures`.
"use strict";

const NOT_KEPT = ["csrfmiddlewaretoken", "writer", "files", "refused", "kept"];
const KEPT_FOR = 30 * 24 * 3600 * 1000; // milliseconds
const ofPerson = `fanfare:${person}:`;
const shelf = `${ofPerson}${location.pathname}${location.search}:`;
let mine = shelf + newId(); // until this window has its own

const composer = () => document.querySelector("form.composer");

function newId() {
  return crypto.getRandomValues(new Uint32Array(2)).join("-");
}

// null where this browser lets nothing be kept, or has no room.
function ifAllowed(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

// ── One record a window ──
// The window's number outlives a reload. A window that was duplicated begins with the number of the other, which holds its lock.
async function claimRecord() {
  mine = shelf + (ifAllowed(() => (sessionStorage.fanfare ??= newId())) ?? newId());
  if (await isFree(mine)) return;
  const id = newId();
  ifAllowed(() => (sessionStorage.fanfare = id));
  mine = shelf + id;
  await isFree(mine);
}

// Held until the page is left; without locks (a page without TLS) nobody can tell.
function isFree(name) {
  return new Promise((resolve) => {
    const held = new Promise((release) => addEventListener("pagehide", release, { once: true }));
    const request = navigator.locks?.request(name, { ifAvailable: true }, (lock) => (resolve(Boolean(lock)), lock && held));
    Promise.resolve(request).then(() => resolve(true), () => resolve(true));
  });
}

// Whether nothing is lost when the page is left.
function keepWords() {
  const fields = [...new FormData(composer()), ...awaited].filter(([name]) => !NOT_KEPT.includes(name));
  const lacksPictures = unsent.length > 0 || pictureWork.some(({ values }) => values.files);
  const isEmpty = !fields.some(([name, value]) => name === "media" || (name.startsWith("text") && value.trim()));
  const isKept = !(isEmpty && !lacksPictures) && ifAllowed(() => (localStorage[mine] = JSON.stringify({ at: Date.now(), fields, lacksPictures })));
  if (!isKept) forgetWords(); // nor may older words come back over these
  return isKept !== null;
}

function forgetWords(key = mine) {
  ifAllowed(() => localStorage.removeItem(key));
}

function recordOf(key) {
  return ifAllowed(() => JSON.parse(localStorage[key] ?? "null"));
}

const allKeys = () => (ifAllowed(() => Object.keys(localStorage)) ?? []).filter((key) => key.startsWith("fanfare:"));

function forgetOldWords() {
  for (const key of allKeys()) if (!(recordOf(key)?.at > Date.now() - KEPT_FOR)) forgetWords(key);
}

// Of another window, or one that was closed: the latest. Where a post begins also of any other page, unless that is still open.
async function latestOtherRecord() {
  const locks = await navigator.locks?.query().catch(() => null);
  const open = locks?.held.map(({ name }) => name) ?? [];
  const isStart = composer().elements.submit_key && !location.search;
  const isOffered = (key) => key.startsWith(shelf) || (isStart && key.startsWith(ofPerson) && !open.includes(key));
  return allKeys().filter((key) => key !== mine && isOffered(key)).sort((one, other) => recordOf(other).at - recordOf(one).at)[0];
}

// ── Bringing it back ──
function bringBack({ fields }) {
  const form = composer(), all = new Map();
  for (const [name, value] of fields) all.set(name, [...(all.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || NOT_KEPT.includes(field.name) || field.type === "submit" || field.closest("#pictures")) continue;
    if (field.type === "hidden" && !all.has(field.name)) continue; // the other page had no such key
    const values = all.get(field.name) ?? [];
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.name !== "channels") field.value = values[0] ?? "";
  }
  for (const fold of form.querySelectorAll("details.own-texts")) fold.open ||= [...fold.querySelectorAll("textarea, input, select")].some(({ value }) => value);
  const pictures = fields.filter(([name]) => name === "media" || name.startsWith("alt_"));
  if (pictures.length || form.querySelector("[name=media]")) arrange(pictures);
  showZone();
  form.dispatchEvent(new Event("input", { bubbles: true })); // counts, and keeps it
}

function arrange(pictures) {
  const values = { attach: 1 };
  for (const [name, value] of pictures) name === "media" ? (values.media ??= []).push(value) : (values[name] = value);
  for (const shown of composer().querySelectorAll("#pictures li")) shown.remove();
  awaited = pictures;
  pictureWork.push({ values, ended });
  workOnPictures();

  function ended(isThere) {
    const place = composer().querySelector("#pictures"), wanted = values.media?.length ?? 0;
    if (!isThere) return sayAt(place, sentences["pictures-not-back"]);
    awaited = [];
    if (place.querySelectorAll("[name=media]").length < wanted) sayAt(place, sentences["picture-gone"]);
  }
}

// Where the zone is a guess and no time is set yet, this browser knows better than the server did.
function guessZone() {
  const { zone: ours, moment, at } = composer().elements;
  if (zone && ours.value === document.body.dataset.timeZone && !moment.value && !at.value) ours.value = zone;
  showZone();
}

function showZone() {
  composer().querySelector("[data-zone]").textContent = composer().elements.zone.value;
}

async function offerKeptWords() {
  if (!composer()) return;
  guessZone();
  await claimRecord();
  forgetOldWords();
  const own = recordOf(mine), other = !own && (await latestOtherRecord()), notice = composer().querySelector(".kept");
  if (own) {
    sayKept(sentences.kept, own);
    bringBack(own);
  } else if (other && notice.hidden) {
    const record = recordOf(other);
    const [, words] = record.fields.find(([name, value]) => name.startsWith("text") && value) ?? ["", sentences["only-pictures"]];
    const end = () => {
      forgetWords(other);
      notice.hidden = true;
    };
    sayKept(sentence(other.startsWith(shelf) ? "writing-here" : "writing-elsewhere", { words: words.slice(0, 80) }), record);
    notice.querySelector("p").after(newButton(sentences["bring-back"], () => {
      const latest = recordOf(other) ?? record;
      end();
      bringBack(latest);
    }));
    notice.querySelector("[name=forget]").replaceWith(newButton(sentences.forget, end));
  }
}

// Set once it is shown: only what changes then is read out.
function sayKept(words, { lacksPictures }) {
  const notice = composer().querySelector(".kept"), said = notice.querySelector("p");
  said.textContent = "";
  notice.hidden = false;
  setTimeout(() => (said.textContent = words + (lacksPictures ? ` ${sentences["add-pictures"]}` : "")), 50);
}

function newButton(words, act) {
  const it = newElement("button", { type: "button", className: "button small", textContent: words });
  it.addEventListener("click", act);
  return it;
}

// ── When it is kept, and when forgotten ──
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.closest?.("form.composer") && target.id !== "files") keepWords();
  });
}
// Signing out in another window wiped what this one had kept.
document.addEventListener("submit", ({ target, submitter }) => target === composer() && submitter?.name !== "forget" && keepWords(), true);
document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-forget], [name=forget]")) return;
  forgetWords();
  unsent.length = 0;
}, true);
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  if (!composer()) return;
  if (elt === composer() && xhr.status === 204) forgetWords(); // published, or changed
  if (xhr.status !== 401 || !xhr.getResponseHeader("HX-Redirect") || keepWords()) return;
  event.preventDefault(); // to leave for sign-in would lose it
  sayAt(elt, sentences["signed-out"]);
});
addEventListener("pageshow", ({ persisted }) => persisted && composer() && claimRecord()); // whose lock went when it was left
document.addEventListener("DOMContentLoaded", offerKeptWords); // after htmx
