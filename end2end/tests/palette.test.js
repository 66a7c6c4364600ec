// Finding one's way by keyboard: the palette, the chords and their sheet; and the same by a page without scripting.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { ARIA, MIA, personMenu, signIn } from "../support/people.js";
import { newKey, northwind, openKeys, pathOf, secretOf } from "../support/ways.js";

const palette = (page) => page.getByRole("dialog", { name: "Search" });
const field = (page) => palette(page).getByRole("combobox", { name: "Search" });
const options = (page) => palette(page).getByRole("option");
const chosen = (page) => palette(page).getByRole("option", { selected: true });
const sheet = (page) => page.getByRole("dialog", { name: "Keyboard shortcuts" });
const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const hasFocus = (locator) => locator.evaluate((element) => element === document.activeElement);

async function at(open, place, rest = "") {
  const known = await northwind(open);
  const page = await open({ storageState: known.state });
  await page.goto(known[place] + rest);
  return page;
}

async function openPalette(page) {
  await page.keyboard.press("Control+K");
  await options(page).first().waitFor();
}

scene("Ctrl K opens the palette, arrows choose, and Enter goes there, with no island fetched", async (open) => {
  const page = await at(open, "production");
  const fetched = [];
  page.on("request", (request) => fetched.push(request.url()));
  await openPalette(page);
  assert.ok(await hasFocus(field(page)));
  assert.equal(await field(page).getAttribute("aria-expanded"), "true");
  await field(page).pressSequentially("invit");
  await palette(page).getByRole("status").filter({ hasText: /^[23] results$/ }).waitFor();
  assert.match(await chosen(page).innerText(), /^Invitations/);
  assert.equal(await field(page).getAttribute("aria-activedescendant"), await chosen(page).getAttribute("id"));
  await page.keyboard.press("ArrowDown");
  assert.match(await chosen(page).innerText(), /^Invite people/);
  assert.equal(await chosen(page).count(), 1);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  assert.ok(await hasFocus(field(page)), "the focus stays where one writes");
  await page.keyboard.press("Enter");
  await heading(page, "Invite people").waitFor();
  assert.deepEqual(fetched.filter((url) => url.endsWith(".wasm")), []);
});

scene("Who writes quickly and presses Enter at once gets what they wrote and not what came before", async (open) => {
  const page = await at(open, "production");
  await page.keyboard.press("Control+K");
  await field(page).pressSequentially("api keys");
  await page.keyboard.press("Enter");
  await heading(page, "API Keys").waitFor();
});

scene("An answer that comes too late is not shown", async (open) => {
  const page = await at(open, "production");
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route("**/search/results?q=set", async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await openPalette(page);
  const asked = page.waitForRequest((request) => request.url().endsWith("q=set"));
  await field(page).fill("set");
  await asked;
  await field(page).fill("members");
  await chosen(page).filter({ hasText: /^Members/ }).waitFor();
  release();
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.match(await chosen(page).innerText(), /^Members/);
});

scene("Escape closes the palette with the focus back where it was", async (open) => {
  const page = await at(open, "production", "/settings");
  const name = page.getByRole("textbox", { name: "Name" });
  await name.focus();
  await openPalette(page);
  await page.keyboard.press("Escape");
  await palette(page).waitFor({ state: "hidden" });
  assert.ok(await hasFocus(name), "also out of a field");

  const link = page.getByRole("banner").getByRole("link", { name: /^Search/ });
  await link.click();
  await options(page).first().waitFor();
  await palette(page).getByRole("button", { name: "Close search" }).click();
  await palette(page).waitFor({ state: "hidden" });
  assert.ok(await hasFocus(link));
});

scene("Members are found by an @, and a person's own role decides what is found", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, ARIA, production);
  await openPalette(page);
  await field(page).fill("@mia");
  await palette(page).getByRole("option", { name: new RegExp(`^${MIA}`) }).waitFor();
  await field(page).fill("create api key");
  await palette(page).getByRole("status").filter({ hasText: /^No page, person or key/ }).waitFor();
  assert.equal(await options(page).count(), 0);
});

scene("A key that is pasted whole is found, and its secret is in no address", async (open) => {
  const page = await at(open, "production");
  await openKeys(page);
  const name = await newKey(page, "Pasted");
  const secret = await secretOf(page);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await openPalette(page);
  await field(page).fill(secret);
  await palette(page).getByRole("status").filter({ hasText: /^Press Enter to look for this key/ }).waitFor();
  await page.keyboard.press("Enter");
  await heading(page, "Search").waitFor();
  await page.getByRole("main").getByRole("link", { name: new RegExp(`^${name}`) }).waitFor();
  assert.match(page.url(), /\?q=key_[0-9a-z]{26}$/);
  assert.deepEqual(asked.filter((url) => url.includes("stoa_key")), []);
});

scene("g and a letter go to a page, but not from a field, with a modifier, or in a dialog", async (open) => {
  const page = await at(open, "production");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await heading(page, "Settings").waitFor();

  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("");
  await name.pressSequentially("gk?");
  assert.equal(await name.inputValue(), "gk?", "letters are letters");
  await page.getByRole("main").focus();
  for (const keys of [["g", "Alt+k"], ["g", "x", "k"], ["Control+g", "k"]]) {
    for (const key of keys) await page.keyboard.press(key);
  }
  await page.keyboard.press("?");
  await sheet(page).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("k");
  assert.ok(await sheet(page).isVisible());
  await page.keyboard.press("Escape");
  await sheet(page).waitFor({ state: "hidden" });
  assert.match(pathOf(page), /\/settings$/);
  await page.keyboard.press("g");
  await page.keyboard.press("k");
  await heading(page, "API Keys").waitFor();
});

scene("The sheet lists the keys of the page, from a key and from the menu", async (open) => {
  const { production } = await northwind(open);
  const page = await at(open, "production");
  await page.keyboard.press("?");
  assert.equal(await sheet(page).getByRole("link", { name: "API Keys", exact: true }).getAttribute("href"), `${production}/api-keys`);
  await page.keyboard.press("Escape");
  await personMenu(page).click();
  await page.getByRole("link", { name: "Keyboard shortcuts" }).click();
  await sheet(page).waitFor();
  await page.keyboard.press("Escape");
  await sheet(page).waitFor({ state: "hidden" });
  assert.ok(await hasFocus(personMenu(page)), "back at the menu");
});

scene("A slash on a page without a list opens the palette", async (open) => {
  const page = await at(open, "production", "/settings");
  await page.keyboard.press("/");
  await options(page).first().waitFor();
  assert.equal(await field(page).inputValue(), "");
});

scene("Without scripting the search is a page, and so are the shortcuts", async (open) => {
  const { production, state } = await northwind(open);
  const page = await open({ scripting: false, storageState: state });
  await page.goto(production);
  await page.getByRole("banner").getByRole("link", { name: /^Search/ }).click();
  await heading(page, "Search").waitFor();
  const search = page.getByRole("search").getByRole("searchbox", { name: "Look for" });
  await search.fill("@mia");
  await page.getByRole("search").getByRole("button", { name: "Search" }).click();
  await page.waitForURL(`**${production}/search?q=%40mia`);
  assert.equal(await search.inputValue(), "@mia");
  await page.getByRole("main").getByRole("link", { name: new RegExp(`^${MIA}`) }).click();
  await heading(page, MIA).waitFor();
  await personMenu(page).click();
  await page.getByRole("link", { name: "Keyboard shortcuts" }).click();
  await page.getByRole("heading", { level: 2, name: "Keyboard shortcuts" }).waitFor();
  assert.equal(await sheet(page).isVisible(), false);
});
