// Speed and comfort for pages that work without any of it. No dependency, no inline code, nothing in the console.

const root = document.documentElement;
const own = document.querySelector("script[data-module]");
root.dataset.scripting = "on";

// Islands: the wasm is fetched when one is first touched.

let waking;
const wakes = ["focusin", "keydown", "pointerdown", "pointerover"];

// As in Leptos' own loader: an island among another one's children is woken in that one's context.
const callbacks = [];

async function hydrateIsland(element, id, module) {
  const surrounding = callbacks.at(-1);
  if (surrounding) surrounding();
  await module[id]?.(element);
}

async function hydrateWithin(node, module) {
  const isChildren = node.localName === "leptos-children";
  if (node.localName === "leptos-island") await hydrateIsland(node, node.dataset.component, module);
  if (isChildren) callbacks.push(node.$$on_hydrate);
  for (const child of [...node.children]) await hydrateWithin(child, module);
  if (isChildren) callbacks.pop();
}

async function wake() {
  const module = await import(own.dataset.module);
  await module.default({ module_or_path: own.dataset.wasm });
  module.hydrate();
  window.__hydrateIsland = (element, id) => hydrateIsland(element, id, module);
  const focused = document.activeElement;
  await hydrateWithin(document.body, module);
  if (focused !== document.activeElement && focused?.isConnected) focused.focus();
  // What was typed before the island listened is told to it now.
  for (const input of document.querySelectorAll("leptos-island :is(input, textarea)")) {
    if (input.value !== input.defaultValue) input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function wakeOnce() {
  waking ??= wake().then(
    () => wakes.forEach((type) => document.removeEventListener(type, touch, true)),
    () => { waking = undefined; },
  );
}

function touch(event) {
  if (event.target instanceof Element && event.target.closest("leptos-island")) wakeOnce();
}

for (const type of wakes) document.addEventListener(type, touch, { capture: true, passive: true });
if (document.querySelector("[data-eager] leptos-island, leptos-island:has([data-eager])")) wakeOnce();

// Copying, announced.

const voice = document.createElement("p");
voice.className = "visually-hidden";
voice.setAttribute("role", "status");
document.body.append(voice);

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    voice.textContent = "Copied";
    button.dataset.copied = "";
    setTimeout(() => {
      delete button.dataset.copied;
      voice.textContent = "";
    }, 2000);
  } catch {
    // Not allowed, or not a secure origin: select it, so that the person's own copy command works.
    const text = button.parentElement.querySelector("code, input");
    if (text?.select) text.select();
    else if (text) getSelection().selectAllChildren(text);
    voice.textContent = "Selected. Use your copy command.";
  }
}

// Menus: details that close on Escape and when attention goes elsewhere.

const openMenus = () => document.querySelectorAll("details[data-menu][open]");

function closeOthers(event) {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
}

document.addEventListener("click", (event) => {
  closeOthers(event);
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
});
document.addEventListener("focusin", closeOthers);
window.addEventListener("pagehide", () => openMenus().forEach((menu) => { menu.open = false; }));
document.addEventListener("toggle", (event) => {
  if (event.target.matches("details[data-menu][open]")) event.target.querySelector("[data-menu-focus]")?.focus();
}, true);

// Up and down go through what can be reached in a list; Enter in its filter follows the first.

function step(list, direction) {
  const stops = [...list.querySelectorAll("input, a[href]")].filter((stop) => stop.checkVisibility());
  const next = stops.indexOf(document.activeElement) + direction;
  stops[Math.max(0, Math.min(next, stops.length - 1))]?.focus();
}

function keyInList(event, list) {
  if (event.key === "ArrowDown") step(list, 1);
  else if (event.key === "ArrowUp") step(list, -1);
  else if (event.key === "Enter" && event.target.matches("input")) {
    [...list.querySelectorAll("a[href]")].find((link) => link.checkVisibility())?.click();
  } else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof Element ? event.target : document.body;
  const list = target.closest("[data-arrows]");
  if (list) keyInList(event, list);
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      const hadFocus = menu.contains(document.activeElement);
      menu.open = false;
      if (hadFocus) menu.querySelector("summary").focus();
    }
  }
});

// Confirm typing: the button works once the phrase stands there.

function checkPhrase(input) {
  const matches = input.value.trim() === input.dataset.confirmPhrase;
  for (const button of input.form?.querySelectorAll("[type=submit]") ?? []) button.disabled = !matches;
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-confirm-phrase]")) checkPhrase(event.target);
});
// Also after going back, when the browser fills fields in again.
window.addEventListener("pageshow", () => document.querySelectorAll("[data-confirm-phrase]").forEach(checkPhrase));

// What was entered into a form that could not be taken waits in this tab until its form is shown again.

const KEPT = "stoa:kept";
const KEPT_MILLISECONDS = 60 * 60 * 1000;

function keep(section) {
  const fields = [...section.querySelectorAll("[data-kept]")].map((line) => [
    line.dataset.kept,
    line.querySelector("[data-copy]").dataset.copy,
  ]);
  sessionStorage.setItem(KEPT, JSON.stringify({ form: section.dataset.keptForm, at: Date.now(), fields }));
}

// Only what a person enters: nothing hidden, no password, no phrase that confirms.
function fillIn(form, fields) {
  const left = new Map();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
  for (const control of form.elements) {
    const values = left.get(control.name);
    if (control.matches("[data-confirm-phrase], [type=hidden], [type=password], [type=submit], button")) continue;
    if (control.type === "checkbox" || (control.type === "radio" && values)) control.checked = values?.includes(control.value) ?? false;
    else if (values?.length) control.value = values.shift();
    else continue;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function bringBack() {
  const { form: address, at, fields } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  if (!address) return;
  const form = [...document.querySelectorAll("main form[method=post]")].find((form) => form.getAttribute("action") === address);
  const isOver = Date.now() - at > KEPT_MILLISECONDS;
  if (form || isOver) sessionStorage.removeItem(KEPT);
  if (!form || isOver) return;
  fillIn(form, fields);
  const says = document.createElement("p");
  says.className = "muted";
  says.setAttribute("role", "status");
  form.before(says);
  says.textContent = "What you entered stands here again. It is not saved yet.";
}

try {
  const section = document.querySelector("[data-kept-form]");
  if (section) keep(section);
  else if (location.pathname === "/signed-out") sessionStorage.removeItem(KEPT);
  else bringBack();
} catch {
  // No storage in this browser: what was entered stood on the page to be copied.
}
