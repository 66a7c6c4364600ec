// Light, dark, or as the device says: decided before the first pixel.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { ADDRESSES } from "../support/pages.js";
import { ARIA, chooseTheme, signIn, themeMenu } from "../support/people.js";
import { cookieHeader, get } from "../support/wire.js";
import { northwind, pathOf } from "../support/ways.js";

const themeOf = (page) => page.locator("html").getAttribute("data-theme");

// What the page is drawn in: everything that the stylesheet names at the root, as the browser sees it.
function colours(page) {
  return page.evaluate(() => {
    const flat = (rule) => [rule, ...[...rule.cssRules ?? []].flatMap(flat)];
    const names = [...document.styleSheets]
      .flatMap((sheet) => [...sheet.cssRules].flatMap(flat))
      .filter((rule) => /^(:root|html)/.test(rule.selectorText ?? ""))
      .flatMap((rule) => [...rule.style].filter((name) => name.startsWith("--")));
    const style = getComputedStyle(document.documentElement);
    const { backgroundColor, color } = getComputedStyle(document.body);
    return { backgroundColor, color, ...Object.fromEntries([...new Set(names)].map((name) => [name, style.getPropertyValue(name)])) };
  });
}

for (const theme of ["light", "dark"]) {
  scene(`With the cookie for ${theme} every page comes ${theme} from the server`, async (open) => {
    const places = await northwind(open);
    for (const entry of ADDRESSES) {
      const cookie = `${entry.stranger ? "" : `${cookieHeader(places.state)}; `}stoa_theme=${theme}`;
      const { body } = await get(entry.address(places), { cookie, headers: { "accept-encoding": "identity" } });
      const html = body.toString();
      assert.match(html, new RegExp(`<html[^>]* data-theme="${theme}"`), entry.name);
      assert.match(html, new RegExp(`<meta name="color-scheme" content="${theme}"`), entry.name);
    }
  });
}

scene("Without the cookie, or with nonsense in it, the page follows the device", async (open) => {
  const places = await northwind(open);
  for (const more of ["", "; stoa_theme=system", "; stoa_theme=twilight"]) {
    const { body } = await get(places.production, { cookie: cookieHeader(places.state) + more, headers: { "accept-encoding": "identity" } });
    const html = body.toString();
    assert.doesNotMatch(html, /<html[^>]* data-theme/, more);
    assert.match(html, /<meta name="color-scheme" content="light dark"/);
  }
});

scene("The system's theme is followed at once, and is the same as the chosen one", async (open) => {
  const { production, state } = await northwind(open);
  const page = await open({ storageState: state, colorScheme: "light" });
  await page.goto(production);
  const light = await colours(page);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await colours(page);
  assert.ok(Object.keys(dark).length > 20, `the colours were found: ${Object.keys(dark)}`);
  assert.notEqual(dark.backgroundColor, light.backgroundColor);
  assert.notEqual(dark.color, light.color);

  await chooseTheme(page, "Light");
  assert.equal(await themeOf(page), "light");
  assert.deepEqual(await colours(page), light, "light on a dark device");
  await page.emulateMedia({ colorScheme: "light" });
  await chooseTheme(page, "Dark");
  assert.equal(await themeOf(page), "dark");
  assert.deepEqual(await colours(page), dark, "dark on a light device");
});

scene("The menu marks what is chosen, and leads back to the page it was used on", async (open) => {
  const { production, state } = await northwind(open);
  const page = await open({ storageState: state });
  await page.goto(`${production}/settings`);
  for (const theme of ["Dark", "Light", "System"]) {
    await chooseTheme(page, theme);
    assert.equal(pathOf(page), `${production}/settings`);
    await themeMenu(page).click();
    const marked = page.getByRole("banner").locator("button[aria-current=true]");
    assert.deepEqual((await marked.allInnerTexts()).map((text) => text.trim()), [theme]);
    await themeMenu(page).click();
  }
});

scene("A dark page is dark from its first frame, without waiting for a script", async (open) => {
  const { production, state } = await northwind(open);
  const page = await open({ scripting: false, storageState: state, colorScheme: "light" });
  await page.goto(production);
  await chooseTheme(page, "Dark");
  const dark = (await colours(page)).backgroundColor;
  await page.goto(`${production}/settings`, { waitUntil: "domcontentloaded" });
  assert.equal((await colours(page)).backgroundColor, dark);
});

scene("What the profile says holds in a new browser, and the menu overrules it in this one", async (open) => {
  const chosen = async (page, theme) => {
    await page.goto("/profile");
    await page.getByRole("combobox", { name: "Theme" }).selectOption(theme);
    await page.getByRole("button", { name: "Save profile" }).click();
    await page.getByRole("status").filter({ hasText: "Your profile is saved." }).waitFor();
  };
  const page = await open({ colorScheme: "light" });
  await signIn(page, ARIA, "/profile");
  try {
    await chosen(page, "Dark");
    assert.equal(await themeOf(page), "dark", "at once");

    const elsewhere = await open({ colorScheme: "light" });
    await signIn(elsewhere, ARIA, "/profile");
    assert.equal(await themeOf(elsewhere), "dark", "in a browser that has no cookie yet");

    await chooseTheme(page, "Light");
    assert.equal(await themeOf(page), "light");
    await chooseTheme(page, "System");
    assert.equal(await themeOf(page), null);
  } finally {
    await chosen(page, "System");
  }
});
