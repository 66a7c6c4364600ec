// axe on every main page, in both themes, and what axe cannot know: titles, landmarks, one h1.

import assert from "node:assert/strict";

import { assertNoViolations } from "../support/axe.js";
import { scene } from "../support/browser.js";
import { PAGES, show } from "../support/pages.js";
import { personMenu, themeMenu } from "../support/people.js";
import { northwind } from "../support/ways.js";

for (const colorScheme of ["light", "dark"]) {
  for (const entry of PAGES) {
    scene(`axe finds nothing on ${entry.name}, ${colorScheme}`, async (open) => {
      await assertNoViolations(await show(open, entry, { colorScheme }), entry.modal ? ["color-contrast"] : undefined);
    });
  }

  scene(`axe finds nothing in the open menus, ${colorScheme}`, async (open) => {
    const { production, state } = await northwind(open);
    const page = await open({ colorScheme, storageState: state });
    await page.goto(production);
    for (const menu of [themeMenu(page), personMenu(page)]) {
      await menu.click();
      await assertNoViolations(page);
    }
  });

  scene(`axe finds nothing in the open navigation of a narrow window, ${colorScheme}`, async (open) => {
    const { production, state } = await northwind(open);
    const page = await open({ colorScheme, storageState: state, viewport: { width: 320, height: 640 } });
    await page.goto(production);
    await page.getByRole("button", { name: "Open navigation" }).click();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await assertNoViolations(page);
  });
}

for (const entry of PAGES) {
  scene(`${entry.name} has a title of its own, one h1 and headings in order`, async (open) => {
    const page = await show(open, entry);
    assert.equal(await page.title(), `${entry.title ?? entry.heading} · Stoa`);
    const levels = await page.getByRole("heading").evaluateAll((all) => all.map((heading) => Number(heading.localName.slice(1))));
    assert.equal(levels[0], 1);
    assert.equal(levels.filter((level) => level === 1).length, 1);
    levels.forEach((level, index) => assert.ok(level <= (levels[index - 1] ?? 0) + 1, `no step is left out: ${levels}`));
    assert.equal(await page.getByRole("main").count(), 1);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
  });
}

scene("Where a page stands is marked in the navigation, once", async (open) => {
  for (const [name, label] of [["teams", "Teams"], ["workspaces", "Workspaces"], ["overview", "Overview"], ["settings", "Settings"]]) {
    const page = await show(open, PAGES.find((entry) => entry.name === name));
    const marked = page.getByRole("navigation", { name: "Main" }).locator("[aria-current=page]");
    assert.deepEqual((await marked.allInnerTexts()).map((text) => text.trim()), [label]);
  }
});

scene("Copying is announced", async (open) => {
  const { production, state } = await northwind(open);
  const page = await open({ storageState: state, permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`${production}/settings`);
  await page.getByRole("button", { name: "Copy the workspace's slug" }).click();
  await page.getByRole("status").filter({ hasText: "Copied" }).waitFor({ state: "attached" });
  assert.equal(`/w/${await page.evaluate(() => navigator.clipboard.readText())}`, production);
});

// What the stylesheets say about going from page to page, for this person.
function turning(page) {
  return page.evaluate(() => {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).flatMap(function flat(rule) {
      if (rule instanceof CSSMediaRule && !matchMedia(rule.conditionText).matches) return [];
      return [rule, ...[...rule.cssRules ?? []].flatMap(flat)];
    });
    return rules.filter((rule) => rule instanceof CSSViewTransitionRule).at(-1)?.navigation;
  });
}

scene("Pages turn into each other, but not for who wants less motion, who gets none at all", async (open) => {
  const { production, state } = await northwind(open);
  const usual = await open({ storageState: state });
  await usual.goto(production);
  assert.equal(await turning(usual), "auto");

  const page = await open({ storageState: state, reducedMotion: "reduce" });
  await page.goto(production);
  assert.equal(await turning(page), "none");
  const durations = await page.evaluate(() =>
    [...document.querySelectorAll("*")].flatMap((element) => {
      const { transitionDuration, animationDuration } = getComputedStyle(element);
      return [transitionDuration, animationDuration];
    }));
  assert.deepEqual([...new Set(durations)], ["0s"]);
});
