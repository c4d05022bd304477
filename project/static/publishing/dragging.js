// Things of a page that the mouse takes to another place of it.
"use strict";

// `things` and `places` are selectors; `drop` is given the thing and the place where it was left.
function dragging(things, places, drop) {
  let dragged = null;

  function leaveTargets() {
    for (const place of document.querySelectorAll(".is-target")) place.classList.remove("is-target");
  }

  const placeOf = (event) => dragged && event.target.closest?.(places);

  document.addEventListener("dragstart", (event) => {
    const thing = event.target.closest?.(things);
    if (!thing) return;
    dragged = thing;
    event.dataTransfer.setData("text/plain", thing.dataset.entry); // else it would be the address
    event.dataTransfer.effectAllowed = "move";
    thing.classList.add("is-dragged");
  });

  document.addEventListener("dragover", (event) => {
    const place = placeOf(event);
    leaveTargets();
    if (!place) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    place.classList.add("is-target");
  });

  document.addEventListener("drop", (event) => {
    const place = placeOf(event);
    if (!place) return;
    event.preventDefault();
    if (!place.contains(dragged)) drop(dragged, place);
  });

  document.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    leaveTargets();
  });
}
