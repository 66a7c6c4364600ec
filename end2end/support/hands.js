// How somebody works a page: with a mouse, or by keyboard alone. A story is told once, and is given either.

import assert from "node:assert/strict";

import { focused } from "./focus.js";

const TABS_MAX = 150;
// A list's options are read from its top, as many as there are.
const OPTIONS_MAX = 100;

export const mouse = {
  press: (element) => element.click(),
  write: (field, text) => field.fill(text),
  tick: (box) => box.check(),
  untick: (box) => box.uncheck(),
  async pick(list, label) {
    await list.selectOption({ index: await placeOf(list, label) });
  },
};

// Tab and Shift+Tab, Enter, the space bar, the arrows, and what is typed. Whatever it acts on has the focus in sight first.
export const keyboard = {
  async press(element) {
    await reach(element);
    await element.page().keyboard.press("Enter");
  },
  async write(field, text) {
    await reach(field);
    const { keyboard: keys } = field.page();
    await keys.press("Control+A");
    await (text === "" ? keys.press("Delete") : keys.type(text));
  },
  async tick(box) {
    if (await box.isChecked()) return;
    await reach(box);
    if (await box.isChecked()) return;
    await box.page().keyboard.press("Space");
    assert.ok(await box.isChecked());
  },
  async untick(box) {
    if (!(await box.isChecked())) return;
    await reach(box);
    await box.page().keyboard.press("Space");
    assert.ok(!(await box.isChecked()));
  },
  async pick(list, label) {
    const place = await placeOf(list, label);
    assert.ok(place < OPTIONS_MAX);
    await reach(list);
    const { keyboard: keys } = list.page();
    await keys.press("Home");
    for (let step = 0; step < place; step += 1) await keys.press("ArrowDown");
    assert.equal(await list.evaluate((select) => select.selectedIndex), place);
  },
};

async function placeOf(list, label) {
  const labels = await list.locator("option").allInnerTexts();
  const place = labels.findIndex((text) => (typeof label === "string" ? text.trim() === label : label.test(text)));
  assert.ok(place >= 0, `${label} among ${labels.join(" | ")}`);
  return place;
}

// Tab until it has the focus, which can be seen then. What is in the page's main part is nearer by the skip link.
async function reach(element) {
  const page = element.page();
  const handle = await element.elementHandle();
  await skipToMain(page, handle);
  for (let step = 0; step <= TABS_MAX; step += 1) {
    const key = await page.evaluate(keyTowards, handle);
    if (key === null) return assertInSight(page);
    await page.keyboard.press(key);
  }
  assert.fail(`${element} cannot be reached by ${TABS_MAX} times Tab`);
}

async function skipToMain(page, handle) {
  const isAhead = await handle.evaluate((target) => target.closest("main") !== null && document.activeElement === document.body);
  const link = page.getByRole("link", { name: "Skip to content" });
  if (!isAhead || !(await link.count())) return;
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Skip to content");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.localName === "main");
}

// Which key leads from what has the focus to the target; null where it is reached. Of radio buttons with one name, Tab
// reaches one, and arrows the others.
function keyTowards(target) {
  const here = document.activeElement;
  if (here === target) return null;
  const isGroup = target.type === "radio" && here.type === "radio" && here.name === target.name && here.form === target.form;
  const isAfter = here !== document.body && Boolean(target.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (isGroup) return isAfter ? "ArrowUp" : "ArrowDown";
  return isAfter ? "Shift+Tab" : "Tab";
}

async function assertInSight(page) {
  const { name, outline, isUncovered } = await focused(page);
  const where = `${name} on ${page.url()}`;
  assert.notEqual(outline.style, "none", `${where} has an outline`);
  assert.ok(outline.width >= 2, `${where}: ${outline.width} px`);
  assert.ok(outline.contrast >= 3, `the outline of ${where} stands out from the page: ${outline.contrast}`);
  assert.ok(isUncovered, `${where} is not under something else`);
}
