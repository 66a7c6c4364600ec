// The console without a pointer.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { ADDRESSES, show } from "../support/pages.js";
import { personMenu, switcher, themeMenu } from "../support/people.js";
import { focused, focusables } from "../support/focus.js";
import { northwind } from "../support/ways.js";

async function settings(open, options) {
  const { production, state } = await northwind(open);
  const page = await open({ ...options, storageState: state });
  await page.goto(`${production}/settings`);
  return page;
}

const filter = (page) => page.getByRole("searchbox", { name: "Filter workspaces" });
const isOpen = (summary) => summary.evaluate((element) => element.parentElement.open);
const hasFocus = (locator) => locator.evaluate((element) => element === document.activeElement);

scene("The skip link comes first, is seen then, and skips", async (open) => {
  const page = await settings(open);
  const link = page.getByRole("link", { name: "Skip to content" });
  const top = () => link.evaluate((element) => element.getBoundingClientRect().bottom);
  assert.ok(await top() <= 0, "out of sight until it is wanted");
  await page.keyboard.press("Tab");
  assert.ok(await hasFocus(link));
  assert.ok(await top() > 0, "in sight with the focus");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.localName === "main");
  await page.keyboard.press("Tab");
  assert.ok(await hasFocus(page.getByRole("textbox", { name: "Name" })), "on with the content");
});

scene("Tab goes through all of Settings in the order of reading, with the focus in sight", async (open) => {
  const page = await settings(open);
  const all = await focusables(page);
  const visited = [];
  for (let step = 0; step < all.length; step += 1) {
    await page.keyboard.press("Tab");
    visited.push(await focused(page));
  }
  const order = [
    /^Skip to content$/,
    /^Stoa, home$/,
    /^Switch workspace\. You are in Northwind Trading Northwind Production owner$/,
    /^Search/,
    /^Theme: System$/,
    /^Inbox(, \d+ unread)?$/,
    /^You: Olivia Ortiz/,
    /^Teams$/, /^Workspaces$/, /^People$/, /^Billing$/, /^Audit$/, /^Team settings$/,
    /^Overview$/, /^Data & Insights$/, /^Usage$/, /^Audit Log$/, /^Members$/, /^API Keys$/, /^MCP Clients$/, /^Modules$/, /^Settings$/,
    /^Name$/, /^Save name$/,
    /^Security$/, /^Support access$/,
    /^Spend and caps$/, /^Retention and holds$/,
    /^Copy the workspace's slug$/, /^Copy the workspace's id$/,
    /^Move…$/, /^Archive…$/,
  ];
  assert.equal(visited.length, order.length, visited.map(({ name }) => name).join("\n"));
  visited.forEach(({ name }, place) => assert.match(name, order[place]));
  assert.deepEqual(visited.map(({ name }) => name).toSorted(), all.toSorted(), "nothing is left out");
  for (const { name, outline, isUncovered } of visited) {
    assert.notEqual(outline.style, "none", `${name} has an outline`);
    assert.ok(outline.width >= 2, `${name}: ${outline.width} px`);
    assert.ok(outline.contrast >= 3, `the outline of ${name} stands out from the page: ${outline.contrast}`);
    assert.ok(isUncovered, `${name} is not under something else`);
  }
  await page.keyboard.press("Shift+Tab");
  assert.equal((await focused(page)).name, visited.at(-2).name, "and back");
});

for (const key of ["Enter", "Space"]) {
  scene(`${key} opens each menu, and Escape closes it with the focus back where it was`, async (open) => {
    const page = await settings(open);
    for (const menu of [switcher(page), themeMenu(page), personMenu(page)]) {
      await menu.focus();
      await page.keyboard.press(key);
      await page.waitForFunction(() => document.querySelectorAll("details[open]").length === 1);
      assert.ok(await isOpen(menu));
      await page.keyboard.press("Tab");
      assert.ok(await menu.evaluate((summary) => summary.parentElement.contains(document.activeElement)), "its entries follow");
      await page.keyboard.press("Escape");
      assert.equal(await isOpen(menu), false);
      assert.ok(await hasFocus(menu));
    }
  });
}

scene("A menu closes when the focus leaves it, and only one is ever open", async (open) => {
  const page = await settings(open);
  await themeMenu(page).focus();
  await page.keyboard.press("Enter");
  for (let step = 0; step < 5; step += 1) await page.keyboard.press("Tab");
  assert.ok(await hasFocus(personMenu(page)));
  assert.equal(await isOpen(themeMenu(page)), false);
  await page.keyboard.press("Enter");
  await switcher(page).click();
  assert.equal(await isOpen(personMenu(page)), false);
  assert.ok(await isOpen(switcher(page)));
});

scene("A menu's entry is chosen by keyboard alone", async (open) => {
  const page = await settings(open);
  await personMenu(page).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).name, "Profile");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Profile" }).waitFor();
});

scene("The switcher opens with the focus in its filter, and the arrows walk its list", async (open) => {
  const page = await settings(open);
  await switcher(page).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Filter workspaces");
  const links = await page.getByRole("banner").getByRole("listitem").getByRole("link").allInnerTexts();
  assert.ok(links.length >= 3);
  for (const _ of links) await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.innerText), links.at(-1));
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.innerText), links.at(-1), "stays at the end");
  for (const _ of links) await page.keyboard.press("ArrowUp");
  assert.ok(await hasFocus(filter(page)));
});

scene("A slash in a field is a slash", async (open) => {
  const page = await settings(open);
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("");
  await name.press("/");
  assert.equal(await name.inputValue(), "/");
  assert.ok(await hasFocus(name));
});

// A page is a scene of its own: all of them in one would take longer than one may.
for (const entry of ADDRESSES) {
  scene(`A slash outside of fields goes to the filter of ${entry.name}, where it has one`, async (open, t) => {
    const page = await show(open, entry);
    const pageFilter = page.locator("[data-filter]").first();
    if (await pageFilter.count() === 0) {
      t.diagnostic(`${entry.name} has no filter`);
      return;
    }
    const written = await pageFilter.inputValue();
    await page.getByRole("main").focus();
    await page.keyboard.press("/");
    assert.ok(await hasFocus(pageFilter), entry.name);
    assert.equal(await pageFilter.inputValue(), written, `${entry.name}: the slash itself is not written`);
  });
}

scene("The gallery's words must be typed before the act that they guard", async (open) => {
  const page = await show(open, ADDRESSES.find((entry) => entry.name === "gallery"));
  const [act] = await page.getByRole("button", { name: "Delete for good" }).all();
  const [phrase] = await page.getByLabel("Type “payments-x7q2” to confirm").all();
  assert.ok(await act.isDisabled());
  await phrase.fill("payments");
  assert.ok(await act.isDisabled());
  await phrase.fill("payments-x7q2");
  assert.ok(await act.isEnabled());
});
