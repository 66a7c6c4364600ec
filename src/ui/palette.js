
// Finding: the palette, the chords that lead elsewhere, and the sheet that lists them. The second half of the module.

const palette = document.getElementById("palette");
const sheet = document.getElementById("sheet");

function openDialog(dialog, opener = document.activeElement) {
  // The focus comes back to where it was; from within a menu, to the menu.
  const menu = opener?.closest("details[data-menu]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  dialog.showModal();
}

for (const dialog of [palette, sheet].filter(Boolean)) {
  dialog.addEventListener("click", (event) => {
    // Beside it, on its button, or gone elsewhere.
    if (event.target === dialog || event.target.closest("[data-close], a[href]")) dialog.close();
  });
  window.addEventListener("pagehide", () => dialog.close());
}

// The palette. What is found comes from the server as options; the newest question alone is listened to.

const PAUSE_MILLISECONDS = 90;
const field = palette?.querySelector("[role=combobox]");
const found = palette?.querySelector("[role=listbox]");
const says = palette?.querySelector("[role=status]");

let question;
let pause;
let isAsking = false;
// Enter came before what it is to follow.
let isWanted = false;

const options = () => [...found.querySelectorAll("[role=option]")];
const chosen = () => found.querySelector("[aria-selected=true]");

// As in `credentials::is_like_one`: such a text goes nowhere but into the body of a form.
function isSecret(text) {
  const [, rest] = text.split(/stoa_(.*)/s);
  return rest !== undefined && /_(live|test)_/.test(rest);
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function showFound(groups, text) {
  isAsking = false;
  found.replaceChildren(...groups);
  found.hidden = groups.length === 0;
  found.scrollTop = 0;
  field.setAttribute("aria-expanded", String(groups.length > 0));
  says.textContent = text;
  choose(options()[0]);
  if (isWanted) follow();
}

async function ask() {
  question?.abort();
  const mine = new AbortController();
  question = mine;
  if (isSecret(field.value)) {
    showFound([], "Press Enter to look for this key. Its secret gets into no address.");
    return;
  }
  let answer;
  try {
    const response = await fetch(`${palette.dataset.results}?q=${encodeURIComponent(field.value)}`, { signal: mine.signal });
    answer = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-found]");
  } catch {
    // Withdrawn, or no network: said below.
  }
  if (mine !== question) return;
  if (answer) showFound([...answer.children], answer.dataset.found);
  else showFound([], "The search did not answer here. Press Enter for its page.");
}

function askSoon() {
  clearTimeout(pause);
  // What was asked of the text before is no answer any more.
  question?.abort();
  question = undefined;
  isAsking = true;
  pause = setTimeout(ask, PAUSE_MILLISECONDS);
}

function follow() {
  isWanted = false;
  const option = chosen();
  if (option) option.click();
  else field.form.requestSubmit();
}

function openPalette(opener) {
  openDialog(palette, opener);
  field.value = "";
  isWanted = false;
  isAsking = true;
  ask();
}

palette?.addEventListener("close", () => {
  clearTimeout(pause);
  question?.abort();
  question = undefined;
  found.replaceChildren();
  found.hidden = true;
  says.textContent = "";
});
field?.addEventListener("input", () => {
  isWanted = false;
  askSoon();
});
field?.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = options();
  const place = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(place + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all.at(place > 0 ? place - 1 : -1));
  else if (event.key === "Enter" && isAsking) isWanted = true;
  else if (event.key === "Enter") follow();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("a[data-opens]");
  if (!opener || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (opener.dataset.opens === "palette") openPalette(opener);
  else openDialog(sheet, opener);
});

// Keys. All but the palette's own are plain letters, and nothing while somebody writes or a dialog is open.

const CHORD_MILLISECONDS = 1500;
const isApple = palette !== null && document.querySelector("[data-opens=palette]")?.getAttribute("aria-keyshortcuts") === "Meta+K";
let begun = -Infinity;

function isPaletteKey(event) {
  const [wanted, other] = isApple ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  return wanted && !other && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}

const isWriting = (target) => target instanceof Element && (target.isContentEditable || target.closest("input, textarea, select") !== null);

function goToFilter() {
  const filter = document.querySelector("[data-filter]");
  if (filter) {
    filter.focus();
    filter.select();
  } else if (palette) {
    openPalette();
  }
}

// Whether the key did something.
function press(key, isSecond) {
  if (isSecond) {
    const link = [...sheet.querySelectorAll("a[data-go]")].find((link) => link.dataset.go === key);
    link?.click();
    return link !== undefined;
  }
  if (key === "/") goToFilter();
  else if (key === "?" && sheet) openDialog(sheet);
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  if (palette && isPaletteKey(event)) {
    event.preventDefault();
    if (palette.open) palette.close();
    else if (!document.querySelector("dialog[open]")) openPalette();
    return;
  }
  // Shift alone is on the way to a `?`.
  if (event.key === "Shift") return;
  const isSecond = sheet !== null && event.timeStamp - begun < CHORD_MILLISECONDS;
  begun = -Infinity;
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || document.querySelector("dialog[open]")) return;
  if (press(event.key, isSecond)) event.preventDefault();
  else if (event.key === "g" && !isSecond) begun = event.timeStamp;
});
