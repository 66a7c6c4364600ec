// Small screens, and large letters: 320 CSS pixels, and a zoom of 200 %.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { assertFits, overflow } from "../support/fits.js";
import { PAGES, show } from "../support/pages.js";
import { OLIVIA, personMenu, switcher, themeMenu } from "../support/people.js";
import { renamed, sceneThatRenames } from "../support/rename.js";
import { goTo, northwind, pathOf } from "../support/ways.js";

const PHONE = { viewport: { width: 320, height: 640 } };
// A window of 1280 × 800 at 200 %.
const ZOOMED = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };

const navigation = (page) => page.getByRole("navigation", { name: "Main" });
const toggle = (page) => page.getByRole("button", { name: "Open navigation" });

for (const [where, options] of [["At 320 pixels", PHONE], ["At a zoom of 200 %", ZOOMED]]) {
  for (const entry of PAGES) {
    scene(`${where} ${entry.name} does not scroll sideways`, async (open) => {
      const page = await show(open, entry, options);
      await assertFits(page, entry.name);
    });
  }

  for (const scripting of [true, false]) {
    scene(`${where} the navigation is a sheet that opens, leads and closes, ${scripting ? "with" : "without"} scripting`, async (open) => {
      const { production, state } = await northwind(open);
      const page = await open({ ...options, scripting, storageState: state });
      await page.goto(production);
      assert.equal(await navigation(page).isVisible(), false);
      await toggle(page).click();
      await navigation(page).waitFor();
      await assertFits(page, "the open sheet");
      await page.keyboard.press("Escape");
      await navigation(page).waitFor({ state: "hidden" });
      assert.ok(await toggle(page).evaluate((button) => button === document.activeElement), "the focus is back");

      await toggle(page).click();
      await navigation(page).getByRole("button", { name: "Close navigation" }).click();
      await navigation(page).waitFor({ state: "hidden" });

      await goTo(page, "Settings");
      await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
      assert.equal(pathOf(page), `${production}/settings`);
      assert.equal(await navigation(page).isVisible(), false, "the next page starts without it");
    });
  }

  scene(`${where} each menu opens inside the window`, async (open) => {
    const { production, state } = await northwind(open);
    const page = await open({ ...options, storageState: state });
    await page.goto(production);
    for (const menu of [switcher(page), themeMenu(page), personMenu(page)]) {
      await menu.click();
      const panel = await menu.locator("xpath=following-sibling::*[1]").boundingBox();
      assert.ok(panel.x >= 0 && panel.x + panel.width <= options.viewport.width, JSON.stringify(panel));
      assert.ok(panel.height > 0);
      await assertFits(page, "the open menu");
    }
  });
}

sceneThatRenames("At 320 pixels the longest name that cannot be broken still fits", "staging", OLIVIA, async (open, page) => {
  const settings = page.url();
  await renamed(page, "W".repeat(80));
  const narrow = await open({ ...PHONE, storageState: await page.context().storageState() });
  const { staging, team } = await northwind(open);
  const tooWide = [];
  for (const address of [settings, staging, `${team}/workspaces`]) {
    await narrow.goto(address);
    for (const menu of ["closed", "open"]) {
      const { by, culprits } = await overflow(narrow);
      if (by > 0) tooWide.push(`${address}, switcher ${menu}: ${by} px: ${culprits[0]}`);
      await switcher(narrow).click();
    }
  }
  assert.deepEqual(tooWide, []);
});

scene("At 320 pixels a table is read to its last column by scrolling itself", async (open) => {
  const { team, state } = await northwind(open);
  const page = await open({ ...PHONE, storageState: state });
  await page.goto(`${team}/teams`);
  const region = page.getByRole("region", { name: "Your teams" });
  await region.focus();
  const last = region.getByRole("columnheader", { name: "Joined" });
  await last.scrollIntoViewIfNeeded();
  const box = await last.boundingBox();
  assert.ok(box.x >= 0 && box.x < PHONE.viewport.width, JSON.stringify(box));
  await assertFits(page, "the page around the table");
});
