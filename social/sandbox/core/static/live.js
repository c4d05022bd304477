// New posts and spent faults appear by themselves; without script the page reloads instead.
const PAUSE_MS = 2000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch("/", { cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(part.id);
    const inUse = part.contains(document.activeElement);
    if (newer && !inUse && newer.innerHTML !== part.innerHTML) part.innerHTML = newer.innerHTML;
  }
}

setInterval(() => refresh().catch(() => {}), PAUSE_MS);
