// Snippets go in where the cursor is or was last, and a group of channels ticks just these. A module: two fragments
// name it, and it runs once.
let written = null; // the text that had the cursor last

document.addEventListener("focusin", ({ target }) => {
  if (target.matches("form.composer textarea")) written = target;
});

function insertSnippet({ dataset, form }) {
  const text = written?.isConnected ? written : form.elements.namedItem("text");
  text.setRangeText(dataset.snippet, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function chooseChannels({ dataset, form }) {
  const wanted = new Set(dataset.channels.split(" ")), isAll = wanted.has("all");
  const boxes = [...form.querySelectorAll("input[type=checkbox][name=channels]")];
  for (const box of boxes) box.checked = isAll || wanted.has(box.value);
  boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-snippet], [data-channels]");
  if (!button) return;
  event.preventDefault(); // without a script the server ticks them
  if ("snippet" in button.dataset) insertSnippet(button);
  else chooseChannels(button);
});

for (const button of document.querySelectorAll("[data-snippet]")) button.hidden = false;
