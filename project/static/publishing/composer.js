// The composer: what is written is saved as a draft, and kept in this browser until the server has it. Uses fanfare.js and contact.js.
"use strict";

// Pictures: chosen, dropped or pasted, sent one at a time, so that none undoes the other
const pictureWork = []; // {values, name, ended}
const refused = []; // what was said of pictures since the last were chosen
const unsent = []; // files whose upload did not arrive
let awaited = []; // fields of pictures that are not back yet
let working = null;
let dragged = null;
let isWarned = false; // that the post would go without those

const pictures = () => document.getElementById("pictures");

function addPictures(files) {
  if (!pictures() || !files.length) return;
  isWarned = false;
  if (!pictureWork.length) refused.length = 0;
  for (const file of files) pictureWork.push({ values: { files: file, attach: 1 }, name: file.name });
  workOnPictures();
}

function leaveOut() {
  const { most } = pictures().dataset;
  const isFull = pictures().querySelectorAll("[name=media]").length >= most;
  const over = isFull ? pictureWork.filter(({ values }) => values.files) : [];
  for (const one of over) pictureWork.splice(pictureWork.indexOf(one), 1);
  if (over.length) refused.push(sentence(over[1] ? "left-out" : "file-left-out", { name: over[0].name, count: over.length, most }));
}

function workOnPictures() {
  if (working) showPictures();
  working ??= workOff().finally(() => (working = null));
}

async function workOff() {
  let why;
  while (leaveOut(), pictureWork.length) {
    showPictures();
    let { successful, xhr } = await sendPictures(pictureWork[0].values);
    if (xhr.status === 403) ({ successful } = await sendPictures(pictureWork[0].values)); // with the token that came with the refusal
    const { values, ended } = pictureWork.shift();
    ended?.(successful);
    if (!successful) why = pictures().querySelector(".failure")?.textContent;
    if (!successful && values.files) unsent.push(values.files);
    for (const said of pictures().querySelectorAll(".errorlist li")) if (!refused.includes(said.textContent)) refused.push(said.textContent);
  }
  showPictures();
  if (unsent.length) sayAt(pictures(), why);
  pictures().dispatchEvent(new Event("input", { bubbles: true })); // it counts, and is saved
}

// A 200 that is not ours is no success.
function sendPictures(values) {
  return new Promise((resolve) => {
    const end = ({ detail }) => {
      if (detail.requestConfig.path !== pictures().dataset.url) return;
      document.removeEventListener("htmx:afterRequest", end);
      resolve(detail);
    };
    document.addEventListener("htmx:afterRequest", end);
    htmx.ajax("POST", pictures().dataset.url, { source: pictures(), target: "#pictures", swap: "outerHTML settle:0s", values }).catch(() => {});
  });
}

function showPictures() {
  const place = pictures(), [first] = pictureWork;
  place.querySelector(".while").textContent = first ? sentence(first.name ? "uploading" : "moment", first) : "";
  for (const row of place.querySelectorAll("li[hidden]")) row.hidden = false;
  for (const { values } of pictureWork) { // gone at once, though the server hears of it later
    const gone = values.remove && place.querySelector(`[name=media][value="${values.remove}"]`);
    if (gone) gone.closest("li").hidden = true;
  }
  Object.assign(place.querySelector(".upload"), { hidden: !first?.name, value: 0 });
  for (const old of place.querySelectorAll("[role=alert]:not(.failure), .again")) old.remove();
  if (refused.length) {
    const alert = newElement("div"), list = newElement("ul", { className: "errorlist" });
    alert.setAttribute("role", "alert");
    list.append(...refused.map((textContent) => newElement("li", { textContent })));
    alert.append(list);
    place.append(alert);
  }
  if (!first && unsent.length) {
    const names = unsent.map(({ name }) => name).join(", ");
    place.append(newElement("button", { type: "button", className: "button small again", textContent: sentence("again", { names }) }));
  }
}

document.addEventListener("htmx:xhr:progress", ({ target, detail: { loaded, total } }) => {
  if (target.id === "pictures") target.querySelector(".upload").value = loaded / (total || 1);
});

// The server numbers them anew.
function movePicture(row, before) {
  row.parentNode.insertBefore(row, before);
  pictureWork.push({ values: { attach: 1 } });
  workOnPictures();
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("#pictures li"), step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!row || !step || !event.altKey) return;
  event.preventDefault();
  const rows = [...row.parentNode.querySelectorAll("li")], place = rows.indexOf(row) + step;
  if (rows[place]) movePicture(row, step < 0 ? rows[place] : rows[place].nextSibling);
  event.target.focus();
});

for (const kind of ["dragstart", "dragend"]) {
  document.addEventListener(kind, ({ target, type }) => {
    dragged = type === "dragstart" && target.closest?.("#pictures .thumb") ? target.closest("li") : null;
  });
}

// A phone of Apple's makes JPEGs of its HEICs by itself where nobody asks for those.
const isApplesPhone = /iP(hone|ad|od)/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
document.addEventListener("focusin", ({ target }) => {
  if (target.id === "files" && !isApplesPhone && !target.accept.includes("heic")) target.accept += ",image/heic,image/heif,.heic,.heif";
});

document.addEventListener("change", ({ target }) => {
  if (target.id !== "files") return;
  addPictures([...target.files]);
  target.value = "";
});

document.addEventListener("input", ({ target }) => {
  const count = target.matches("#pictures textarea") && target.parentNode.querySelector(".count");
  if (count) count.textContent = `${[...target.value].length} / ${count.dataset.most}`;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("#pictures button");
  if (!button) return;
  event.preventDefault();
  if (button.classList.contains("again")) return addPictures(unsent.splice(0));
  if (!pictureWork.length) refused.length = 0;
  pictureWork.push({ values: { [button.name]: button.value } });
  workOnPictures();
});

document.addEventListener("paste", (event) => {
  const { files, types } = event.clipboardData;
  if (!files.length || types.includes("text/plain")) return; // words with a picture of themselves, as tables have
  event.preventDefault();
  addPictures([...files]);
});

// Wherever it falls: a browser would leave the page to show it.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    const { types, files } = event.dataTransfer;
    if (dragged) {
      event.preventDefault();
      const row = event.target.closest?.("#pictures li"), { top, height } = row?.getBoundingClientRect() ?? {};
      if (kind === "drop" && row) movePicture(dragged, event.clientY < top + height / 2 ? row : row.nextSibling);
    } else if (types.includes("Files")) {
      event.preventDefault();
      if (kind === "drop") addPictures([...files]);
    } else if (!event.target.closest?.("textarea, input")) event.preventDefault();
  });
}

// What is published has all its pictures, or its person has been told.
document.addEventListener("htmx:confirm", async (event) => {
  const { elt, issueRequest } = event.detail;
  if (!elt.matches("form.composer") || !(working || unsent.length || awaited.length)) return;
  event.preventDefault();
  await working;
  if (!(unsent.length || awaited.length) || isWarned) return issueRequest(true);
  isWarned = true;
  sayAt(elt, sentences["not-arrived"]);
});

document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "main" && pictures() && unsent.length && showPictures());

// Drafts
const NOT_KEPT = ["csrfmiddlewaretoken", "writer", "files", "refused", "kept", "channels_key", "next_shown"];
const NOT_COMPARED = ["submit_key", "revision", "zone", "moment", "seen", "post"];
const KEPT_FOR = 30 * 24 * 3600 * SECONDS;
const PAUSE = SECONDS; // after the last letter
const MOST_ALIVE = 60_000; // bytes; a request that outlives its page may have 64 kB
const ofPerson = `fanfare:${person}:`;
const newId = () => URL.createObjectURL(new Blob()).slice(-36); // crypto.randomUUID wants TLS
const windowId = newId();
const lastWindowId = ifAllowed(() => sessionStorage.fanfare); // whose lock may still be held
ifAllowed(() => (sessionStorage.fanfare = windowId));
// `hold` says why nothing is saved; `unanswered` was sent, and may have arrived; `post` is what it became;
// `isOld` is a page that somebody came back to, and has not touched.
const draft = { edits: 0, saved: 0, tries: 0, notBefore: 0, hold: "", key: "", timer: 0, request: null, unanswered: [], conflict: null, post: "", isOld: false };

const composer = () => document.querySelector("form.composer");
const input = (name) => composer().elements[name];
const isUnsaved = () => draft.edits > draft.saved;

// null where this browser keeps nothing, or has no room.
function ifAllowed(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

const currentFields = () => [...new FormData(composer()), ...awaited].filter(([name]) => !NOT_KEPT.includes(name));
const isEmpty = (fields) => !unsent.length && !pictureWork.length && !+input("revision").value
  && !fields.some(([name, value]) => name === "media" || (name.startsWith("text") && value.trim()));

// Whether nothing is lost when the page is left.
function keepWords(fields = currentFields()) {
  const key = `${ofPerson}${input("submit_key").value}:${windowId}`;
  const lacksPictures = unsent.length > 0 || pictureWork.some(({ values }) => values.files);
  const record = { at: Date.now(), fields, lacksPictures, unanswered: draft.unanswered };
  const isKept = ifAllowed(() => (localStorage[key] = JSON.stringify(record))) !== null;
  if (!isKept || draft.key !== key) forgetWords(); // nor may older words come back over these
  draft.key = isKept ? key : "";
  return isKept;
}

function forgetWords(key = draft.key) {
  ifAllowed(() => localStorage.removeItem(key));
  if (key === draft.key) draft.key = "";
}

// Of this person, of no open page (by locks, where there is TLS), the latest first.
async function looseRecords() {
  const locks = await navigator.locks?.query().catch(() => null);
  const open = locks?.held.map(({ name }) => name).filter((name) => name !== lastWindowId) ?? [];
  const records = [];
  for (const key of ifAllowed(() => Object.keys(localStorage)) ?? []) {
    if (!key.startsWith("fanfare:")) continue;
    const record = ifAllowed(() => JSON.parse(localStorage[key]));
    if (!(record?.at > Date.now() - KEPT_FOR)) forgetWords(key);
    else if (key.startsWith(ofPerson) && !open.includes(key.split(":").at(-1))) records.push({ key, ...record });
  }
  return records.sort((one, other) => other.at - one.at);
}

function holdLock() {
  const left = new Promise((release) => addEventListener("pagehide", release, { once: true }));
  navigator.locks?.request(windowId, () => left).catch(() => {});
}

// Of this page's draft, or of any where one begins.
async function adoptRecord() {
  const records = await looseRecords(), { submit_key: id, revision, post } = composer().elements;
  const isNew = !+revision.value && !location.search;
  const record = records.find(({ fields }) => valuesOf(fields, "submit_key") === id.value || (isNew && (!post || valuesOf(fields, "post") === post.value)));
  if (!record || draft.edits || !composer().querySelector(".kept").hidden) return;
  const isOther = valuesOf(record.fields, "submit_key") !== id.value; // Back fills a new page in, which has another id
  if (isOther || record.lacksPictures || !isSame(record.fields, currentFields())) {
    draft.unanswered = record.unanswered ?? [];
    fillIn(record.fields);
    if (!valuesOf(record.fields, "submit_key")) beginAnew();
    sayKept(record);
    changed(0);
  }
  forgetWords(record.key);
}

function changed(wait = PAUSE) {
  if (draft.hold === "gone") beginAnew();
  const fields = currentFields();
  Object.assign(draft, { edits: draft.edits + 1, isOld: false });
  if (isEmpty(fields) && !draft.request) {
    forgetWords();
    draft.saved = draft.edits;
    return;
  }
  keepWords(fields);
  saveAfter(Math.max(wait, draft.notBefore - Date.now()));
}

function saveAfter(wait) {
  clearTimeout(draft.timer);
  draft.timer = setTimeout(save, wait);
}

// One at a time; what is typed meanwhile goes with the next.
async function save(more = {}) {
  if (!composer() || draft.request || draft.hold || !isUnsaved()) return;
  const fields = currentFields(), { edits } = draft, request = new AbortController();
  clearTimeout(draft.timer);
  Object.assign(draft, { request, unanswered: [draft.unanswered[0] ?? fields, fields] });
  const slow = setTimeout(say, SECONDS, sentences.saving), late = setTimeout(() => request.abort(), PATIENCE.form);
  const answer = await sent(new URLSearchParams([...fields, ...Object.entries(more)]), request.signal);
  clearTimeout(slow);
  clearTimeout(late);
  if (draft.request !== request) return; // given up: it was published
  draft.request = null;
  const { status, person: whose, token, data } = answer;
  if (token) renewForms(token);
  if (status === 401) return failed(sentences["signed-out"], answer.redirect?.split("?")[0]);
  if (whose !== person) return failed(sentences.offline);
  if (status === 200 && data) return saved(data, edits);
  if (status === 409) return meetOther(data);
  if (status === 410) return gone(data);
  failed(sentence("not-saved", { why: data?.message ?? sayingFor(status) }), "", token && !draft.tries);
}

async function sent(body, signal) {
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true", Accept: "application/json" };
  const address = composer().dataset.draftUrl.replace(/[^/]+(?=\/$)/, input("submit_key").value);
  try {
    const answer = await fetch(address, { method: "POST", body, headers, signal, keepalive: `${body}`.length < MOST_ALIVE });
    const [whose, token, redirect] = ["X-Person", "X-Fresh-Token", "HX-Redirect"].map((name) => answer.headers.get(name));
    return { status: answer.status, person: whose, token: whose === person && token, redirect, data: await answer.json().catch(() => null) };
  } catch {
    return { status: 0 };
  }
}

function saved({ revision, saved_at: time, url, fields }, edits = draft.edits) {
  if (fields) fillIn(pairsOf(fields));
  Object.assign(draft, { saved: Math.max(edits, draft.saved), tries: 0, notBefore: 0, unanswered: [] });
  input("revision").value = revision;
  if (revision && url && location.pathname !== url) history.replaceState(history.state, "", url);
  ifAllowed(() => (sessionStorage.fanfareDraft = location.pathname));
  say(revision ? sentence("saved", { time }) : "");
  if (!isUnsaved()) return forgetWords();
  keepWords();
  saveAfter(PAUSE);
}

function failed(words, signIn, isAtOnce) {
  keepWords(); // signing out in another window wiped it
  draft.tries += 1;
  const wait = isAtOnce ? 0 : Math.min(LONGEST_WAIT, SECONDS * 2 ** draft.tries) * (0.5 + Math.random() / 2);
  draft.notBefore = Date.now() + wait;
  saveAfter(wait);
  if (!isAtOnce) say(words, signIn && newElement("a", { href: signIn, target: "_blank", textContent: sentences["sign-in"] }));
}

function saveNow() {
  draft.notBefore = 0;
  save();
}

function say(words, link) {
  const place = document.getElementById("saved");
  if (place.dataset.said === words) return;
  place.dataset.said = words;
  place.replaceChildren(words, ...(link ? [" ", link] : []));
}

const valuesOf = (fields, name) => `${fields.filter(([known]) => known === name).map(([, value]) => `${value}`.replaceAll("\r\n", "\n").trim())}`;
const isSame = (one, other) => [...one, ...other].every(([name]) => NOT_COMPARED.includes(name) || valuesOf(one, name) === valuesOf(other, name));
const pairsOf = (fields) => Object.entries(fields).flatMap(([name, values]) => values.map((value) => [name, value]));

function meetOther(conflict) {
  const { revision, saved_at, html, fields } = conflict, theirs = pairsOf(fields);
  if (draft.isOld) return saved(conflict);
  const isOurs = draft.unanswered.some((fields) => isSame(theirs, fields));
  if (isOurs || isSame(theirs, currentFields())) return saved({ revision, saved_at }, isOurs ? draft.saved : draft.edits);
  Object.assign(draft, { hold: "conflict", conflict });
  keepWords();
  document.getElementById("conflict").innerHTML = html;
  say(sentences.conflict);
}

async function choose(which) {
  const { conflict } = draft, isMine = which === "mine";
  document.getElementById("conflict").replaceChildren();
  Object.assign(draft, { hold: "", conflict: null, edits: draft.edits + 1 });
  if (isMine) input("revision").value = conflict.revision;
  await save(isMine ? { keep: "mine" } : { use: "theirs" });
  if (!isMine && draft.tries) meetOther(conflict); // no contact just now
}

// Published or thrown away elsewhere: a late letter never brings it back.
function gone({ url, message }) {
  Object.assign(draft, { hold: "gone", saved: draft.edits });
  keepWords();
  say(message, url && newElement("a", { href: url, textContent: sentences["see-post"] }));
}

function beginAnew() {
  input("post")?.remove();
  input("submit_key").value = newId();
  input("revision").value = 0;
  Object.assign(draft, { hold: "", unanswered: [] });
}

function fillIn(fields) {
  const form = composer(), all = new Map();
  for (const [name, value] of fields) all.set(name, [...(all.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || NOT_KEPT.includes(field.name) || field.type === "submit" || field.closest("#pictures")) continue;
    if (field.type === "hidden" && !all.has(field.name)) continue; // the other page had no such field
    const values = all.get(field.name) ?? [];
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.name !== "channels") field.value = values[0] ?? "";
    if (field.selectedIndex < 0) field.selectedIndex = 0; // a free time that is none any more
  }
  for (const fold of form.querySelectorAll("details.own-texts")) fold.open ||= [...fold.querySelectorAll("textarea, input, select")].some(({ value }) => value);
  const pictures = fields.filter(([name]) => name === "media" || name.startsWith("alt_"));
  if (pictures.length || form.querySelector("[name=media]")) arrange(pictures);
  showZone();
  form.dispatchEvent(new Event("input", { bubbles: true })); // counts
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

// Where the zone is a guess and no time is set, this browser knows better.
function guessZone() {
  const { zone: ours, moment, at } = composer().elements;
  if (zone && ours.value === document.body.dataset.timeZone && !moment.value && !at.value) ours.value = zone;
  showZone();
}

function showZone() {
  composer().querySelector("[data-zone]").textContent = input("zone").value;
}

// Set once it is shown: only what changes then is read out.
function sayKept({ lacksPictures }) {
  const notice = composer().querySelector(".kept"), said = notice.querySelector("p");
  said.textContent = "";
  notice.hidden = false;
  setTimeout(() => (said.textContent = sentences.kept + (lacksPictures ? ` ${sentences["add-pictures"]}` : "")), 50);
}

document.addEventListener("DOMContentLoaded", async () => { // after htmx
  if (!composer()) return;
  // Saved in the moment of a reload, it has left this address.
  const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload", address = ifAllowed(() => sessionStorage.fanfareDraft);
  ifAllowed(() => sessionStorage.removeItem("fanfareDraft"));
  if (isReload && address && location.pathname.endsWith("/new/")) return location.replace(address);
  guessZone();
  holdLock();
  await adoptRecord();
  composer().dataset.ready = ""; // what was kept is back
  const isTyped = ({ type, value, defaultValue }) => type === "textarea" && value !== defaultValue;
  if (!draft.edits && [...composer().elements].some(isTyped)) changed(0);
});
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.closest?.("form.composer") && target.id !== "files") changed();
  });
}
document.addEventListener("click", (event) => {
  const { target } = event, button = target.closest("#conflict [name=use], form.composer [name=save]");
  if (button) {
    event.preventDefault();
    button.name === "use" ? choose(button.value) : saveNow();
  } else if (target.closest("[data-forget], [name=forget]")) {
    forgetWords();
    unsent.length = 0;
    draft.hold = "left";
  }
}, true);
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (!elt.matches("form.composer")) return;
  draft.request?.abort(); // what is published has all of it
  Object.assign(draft, { request: null, hold: "publishing" });
  clearTimeout(draft.timer);
});
document.addEventListener("htmx:afterRequest", ({ detail: { elt, xhr } }) => {
  if (!elt.matches("form.composer")) return;
  const isDone = xhr.status === 204; // published, or changed
  Object.assign(draft, { hold: isDone ? "gone" : "", post: isDone && xhr.getResponseHeader("HX-Redirect") });
  if (isDone) return forgetWords();
  saveAfter(PAUSE);
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "main" || !composer()) return;
  if (draft.hold === "publishing") draft.hold = ""; // it came back; the form that was sent hears of nothing any more
  changed();
});
// Only whoever presses the button is sent to sign in, when the words are kept.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  if (!composer() || xhr.status !== 401 || (elt === composer() && keepWords())) return;
  event.preventDefault();
  if (elt.id !== "lengths") sayAt(elt, sentences["signed-out"]);
});
document.addEventListener("keydown", (event) => {
  const { key, ctrlKey, metaKey } = event;
  if (!composer() || !(ctrlKey || metaKey) || !["Enter", "s"].includes(key)) return;
  event.preventDefault();
  if (key === "s") saveNow();
  else composer().querySelector(".actions .primary").click();
});
document.addEventListener("visibilitychange", saveNow);
for (const kind of ["online", "focus", "pagehide"]) addEventListener(kind, saveNow);
// Back brings a page as it was left: what became of it since?
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || !composer()) return;
  if (draft.post) return location.replace(draft.post);
  holdLock();
  if (isUnsaved() || draft.hold || !+input("revision").value) return saveNow();
  Object.assign(draft, { isOld: true, edits: draft.edits + 1 });
  saveNow();
});
addEventListener("beforeunload", (event) => composer() && isUnsaved() && !draft.key && !draft.hold && event.preventDefault());

// Snippets go in where the cursor is or was last
let written;
document.addEventListener("focusin", ({ target }) => target.matches("form.composer textarea") && (written = target));
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-snippet]");
  if (!button) return;
  const text = written?.isConnected ? written : input("text");
  text.setRangeText(button.dataset.snippet, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-snippet]").forEach((button) => (button.hidden = false)));
