// Entries of the calendar move by keys and by the mouse; what that means is the server's to say.
"use strict";

const DAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const TARGETS = "[data-day], [data-at]";

const calendar = () => document.getElementById("calendar");
const shown = (selector) => [...document.querySelectorAll(selector)].find((element) => element.offsetParent);

function move(entry, values) {
  const { times, seen } = entry.dataset;
  const next = calendar().dataset.address;
  htmx.ajax("POST", times, { target: "#calendar", swap: "outerHTML show:none", values: { seen, next, ...values } })
    .then(() => focusOn(entry.dataset.entry)).catch(() => {});
}

function focusOn(id) {
  const link = shown(`.entry[data-entry="${CSS.escape(id)}"] .words`);
  (link ?? calendar()).focus();
}

document.addEventListener("keydown", (event) => {
  const days = event.altKey && !event.ctrlKey && !event.metaKey && DAYS[event.key];
  const entry = days && event.target.closest(".entry");
  if (!entry) return;
  event.preventDefault(); // an arrow with Alt goes back elsewhere
  if (!event.repeat) move(entry, { days, follow: "1" });
});

dragging(".entry[draggable=true]", TARGETS, (entry, { dataset: { day, at } }) => move(entry, at ? { at } : { day }));

// Undo is a form of its own, beside the calendar; what was moved back is where one was.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (form && "undoes" in form.dataset) focusOn(form.getAttribute("action").split("/").at(-3));
});

// Back from the form by which it was moved.
if (location.hash.startsWith("#entry-")) focusOn(location.hash.slice("#entry-".length));
