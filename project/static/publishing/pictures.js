// Pictures of a composer: chosen, dropped or pasted, sent one at a time, so that none undoes the other. Uses contact.js.
"use strict";

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
