// Everything that htmx can meet ends in a sentence, nothing that a page asks for is given up.
"use strict";

const SECONDS = 1000;
const MOST_A_SECOND = 20; // of what asks again by itself
const PATIENCE = { poll: 20 * SECONDS, form: 90 * SECONDS, upload: 600 * SECONDS };
const LONGEST_WAIT = 60 * SECONDS; // between two tries without contact
const person = document.body.dataset.person;
const contact = { waiting: new Set(), tries: 0, since: null, timer: 0, probe: null };

const newElement = (name, properties) => Object.assign(document.createElement(name), properties);

// What scripts say stands in the page, in its language.
const sentences = Object.fromEntries([...document.querySelectorAll("template.sentences")]
  .flatMap(({ content }) => [...content.children]).map(({ dataset, textContent }) => [dataset.key, textContent]));
const sentence = (key, values) => sentences[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

function sayingFor(status) {
  if (status === 408 || status === 504) return sentences[0];
  if (status >= 500) return sentences[500];
  return sentences[status] ?? sentences[status === 410 ? 404 : 400];
}

// Where a person looks
function sayAt(element, words) {
  const form = element.closest("form"), pictures = element.closest("#pictures");
  const place = pictures ?? (element.id === "lengths" ? element.parentElement : form ?? element.closest("section, main") ?? document.body);
  for (const old of place.querySelectorAll(":scope > .failure")) old.remove();
  if (!words) return;
  const said = newElement("p", { className: "failure", textContent: words });
  said.setAttribute("role", "alert");
  const buttons = place === form && [...form.querySelectorAll(":scope > .actions")].at(-1);
  if (buttons) buttons.before(said);
  else place.append(said);
}

function sayOnContact(words, offersReload) {
  const place = document.getElementById("contact");
  if (place.dataset.said === words) return;
  place.dataset.said = words;
  place.replaceChildren(...(words ? [newElement("span", { textContent: words })] : []));
  if (offersReload) place.append(newElement("a", { href: location.href, textContent: sentences.reload }));
}

// What asks again by itself
const isPoll = (element) => element.matches?.("[hx-get][hx-trigger^='load delay']") ?? false;

function askFor(element) {
  if (element?.isConnected) htmx.ajax("GET", element.getAttribute("hx-get"), { source: element }).catch(() => {});
}

function askForAll() {
  const all = [...contact.waiting].filter((element) => element.isConnected);
  contact.waiting.clear();
  all.forEach((element, number) => setTimeout(askFor, number * SECONDS / MOST_A_SECOND, element));
}

function loseContact(element, retryAfter) {
  contact.waiting.add(element);
  contact.since ??= new Date();
  if (element === contact.probe) Object.assign(contact, { probe: null, tries: contact.tries + 1 });
  sayOnContact(sentence("no-contact", { time: contact.since.toTimeString().slice(0, 5) }), true);
  clearTimeout(contact.timer);
  const wait = Math.min(LONGEST_WAIT, SECONDS * 2 ** contact.tries) * (0.5 + Math.random() / 2);
  contact.timer = setTimeout(probeContact, Math.max(wait, SECONDS * Math.min(600, retryAfter || 0)));
}

// One asks for all of them.
function probeContact() {
  clearTimeout(contact.timer);
  if (document.hidden || contact.probe?.isConnected) return;
  contact.probe = [...contact.waiting].find((element) => element.isConnected);
  contact.waiting.delete(contact.probe);
  askFor(contact.probe);
}

function regainContact() {
  contact.probe = null;
  if (!contact.since) return;
  Object.assign(contact, { since: null, tries: 0 });
  clearTimeout(contact.timer);
  sayOnContact(sentences.contact);
  setTimeout(() => contact.since || sayOnContact(""), 6 * SECONDS);
  askForAll();
}

function catchUp() {
  if (document.hidden) return;
  contact.tries = 0;
  if (contact.since) probeContact();
  else askForAll();
}

// One listener for each end that a request can come to
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const kind = isPoll(detail.elt) ? "poll" : detail.elt.id === "pictures" ? "upload" : "form";
  detail.timeout ||= PATIENCE[kind];
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (!isPoll(elt)) sayAt(elt);
  else if (document.hidden || (contact.since && elt !== contact.probe)) {
    contact.waiting.add(elt); // nobody looks, or another one asks for all
    event.preventDefault();
  }
});

// What was not made for the person of this page, or not by us, is never drawn into it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event, { xhr } = detail;
  const isOurs = xhr.getResponseHeader("X-Person") === person;
  const isForm = [400, 409].includes(xhr.status) && detail.serverResponse.includes(" composer\"");
  if (isForm) Object.assign(detail, { shouldSwap: true, isError: false });
  if (!isOurs) Object.assign(detail, { shouldSwap: false, isError: true });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { xhr, elt, successful } = detail;
  if (!xhr.status || xhr.getResponseHeader("HX-Redirect")) return;
  const isOurs = xhr.getResponseHeader("X-Person") === person;
  const token = isOurs && xhr.getResponseHeader("X-Fresh-Token");
  if (token) renewForms(token);
  if (isOurs && xhr.status < 500) regainContact();
  if (!successful && !(token && isSentAgain(detail))) reportFailure(elt, xhr, isOurs);
});

// Not afterRequest: that cannot be told from a request that this page has given up itself.
for (const end of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(end, ({ detail }) => reportFailure(detail.elt, detail.xhr));

function reportFailure(element, xhr, isOurs) {
  const { status } = xhr;
  const isInDoubt = element.matches?.("form.composer") && (status < 400 || status >= 500);
  const inDoubt = sentences[status >= 500 && status !== 504 ? "failed-in-doubt" : "no-answer-in-doubt"];
  if (!isPoll(element)) sayAt(element, isInDoubt ? inDoubt : sayingFor(status < 400 ? 0 : status));
  else if (!isOurs || status >= 500 || [408, 429].includes(status)) loseContact(element, Number(status && xhr.getResponseHeader("Retry-After")));
  else sayOnContact(sentences[404], true);
}

document.addEventListener("visibilitychange", catchUp);
addEventListener("online", catchUp);
addEventListener("pageshow", ({ persisted }) => persisted && catchUp());

// A page whose person signed in again in another window
function renewForms(token) {
  for (const input of document.getElementsByName("csrfmiddlewaretoken")) input.value = token;
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  document.body.setAttribute("hx-headers", JSON.stringify({ ...headers, "X-CSRFToken": token }));
}

// Once: whether it is sent again, by itself or with the next letter.
function isSentAgain({ elt, requestConfig }) {
  if (elt.id === "lengths" || elt.id === "pictures") return true;
  if (!elt.matches("form") || elt.dataset.again) return false;
  elt.dataset.again = "1";
  setTimeout(() => elt.requestSubmit(requestConfig.triggeringEvent?.submitter ?? undefined));
  setTimeout(() => delete elt.dataset.again, 10 * SECONDS);
  return true;
}

// Whoever signs out leaves nothing behind that was kept of what they wrote.
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("[action$='/logout/']")) return;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`fanfare:${person}:`)) localStorage.removeItem(key);
  } catch {
    // A browser that lets nothing be kept has nothing.
  }
});
