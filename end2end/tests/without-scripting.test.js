// Everything that counts, in a browser that runs no script.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ADAM, MIA, OLIVIA, personMenu, signIn, signOut, switcher, themeMenu } from "../support/people.js";
import { nameField, newName, rename, renamed, sceneThatRenames } from "../support/rename.js";
import { goTo, goToWorkspace, northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const themeOf = (page) => page.locator("html").getAttribute("data-theme");

scene("Without scripting a person signs in, goes about by the rail, and signs out", async (open) => {
  const page = await open({ scripting: false });
  await signIn(page, OLIVIA);
  await goToWorkspace(page, "production");
  await goTo(page, "Settings");
  await heading(page, "Settings").waitFor();
  assert.equal(await page.locator("html[data-scripting]").count(), 0, "no script ran");
  await signOut(page);
  await page.goBack({ waitUntil: "commit" });
  await heading(page, "Sign in").waitFor();
});

scene("Without scripting the switcher opens and leads to another workspace", async (open) => {
  const { production, staging } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, OLIVIA, production);
  const there = page.getByRole("banner").getByRole("link", { name: /^Northwind Staging/ });
  assert.equal(await there.isVisible(), false);
  await switcher(page).click();
  await there.click();
  await heading(page, "Northwind Staging").waitFor();
  assert.equal(pathOf(page), staging);
  // What needs a script is not shown to who has none.
  await switcher(page).click();
  assert.equal(await page.getByRole("searchbox", { name: "Filter workspaces" }).isVisible(), false);
  assert.equal(await page.getByRole("button", { name: /^Copy / }).first().isVisible(), false);
});

scene("Without scripting the theme is chosen, and stays through pages", async (open) => {
  const { production } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, MIA, production);
  const before = await themeOf(page);
  for (const [theme, expected] of [["Dark", "dark"], ["Light", "light"], ["System", before]]) {
    await themeMenu(page).click();
    await page.getByRole("button", { name: theme, exact: true }).click();
    await page.getByLabel(`Theme: ${theme}`).waitFor();
    assert.equal(pathOf(page), production, "back where the menu was used");
    assert.equal(await themeOf(page), expected);
    await goTo(page, "Teams");
    assert.equal(await themeOf(page), expected);
    await page.goto(production);
  }
});

sceneThatRenames("Without scripting a workspace is renamed, and an error shown in its place", "staging", ADAM, async (open, page) => {
  const plain = await open({ scripting: false, storageState: await page.context().storageState() });
  await plain.goto(page.url());
  expectStatus(plain, 422);
  await rename(plain, "");
  await plain.getByRole("alert").waitFor();
  assert.ok(await plain.getByRole("alert").evaluate((alert) => alert === document.activeElement), "the summary has the focus");
  const name = newName("Plain");
  await renamed(plain, name);
  assert.equal(await nameField(plain).inputValue(), name);
});

scene("Without scripting a person changes their profile", async (open) => {
  const page = await open({ scripting: false });
  await signIn(page, MIA, "/profile");
  const name = page.getByRole("textbox", { name: "Name" });
  const zone = page.getByRole("combobox", { name: "Time zone" });
  const save = async () => {
    await page.getByRole("button", { name: "Save profile" }).click();
    await page.getByRole("status").filter({ hasText: "Your profile is saved." }).waitFor();
  };
  const before = [await name.inputValue(), await zone.inputValue()];
  const changed = [newName("Mia"), before[1] === "Asia/Tokyo" ? "Europe/Athens" : "Asia/Tokyo"];
  for (const [newlyNamed, newZone] of [changed, before]) {
    await name.fill(newlyNamed);
    await zone.selectOption(newZone);
    await save();
    assert.equal(pathOf(page), "/profile");
    assert.deepEqual([await name.inputValue(), await zone.inputValue()], [newlyNamed, newZone]);
    assert.ok((await personMenu(page).getAttribute("aria-label")).includes(newlyNamed));
    await goTo(page, "Teams");
    const joined = page.getByRole("table").getByRole("time").first();
    assert.ok((await joined.getAttribute("title")).includes(newZone === "UTC" ? "UTC" : newZone), "times are told in the zone");
    await page.goto("/profile");
  }
});
