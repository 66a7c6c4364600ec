// Modules: seen by everyone, switched off by way of what stops, and on again; what a new key can ask for follows.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { ADAM, ARIA, signIn } from "../support/people.js";
import { goTo, northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const told = (page, text) => page.getByRole("status").filter({ hasText: text }).waitFor();

// In staging, so that nobody else's test meets a module that is off.
async function modulesOf(open, person, options) {
  const { staging } = await northwind(open);
  const page = await open(options);
  await signIn(page, person, staging);
  await goTo(page, "Modules");
  await heading(page, "Modules").waitFor();
  return page;
}

const taskScopes = async (page, staging) => {
  await page.goto(`${staging}/api-keys/new`);
  await heading(page, "Create an API key").waitFor();
  return page.getByLabel("tasks:read", { exact: true }).count();
};

for (const scripting of [true, false]) {
  scene(`A module is switched off and on again, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { staging } = await northwind(open);
    const page = await modulesOf(open, ADAM, { scripting });
    await page.getByRole("row", { name: /^Tasks/ }).getByRole("link", { name: /^Switch off/ }).click();
    await heading(page, "Switch off Tasks").waitFor();
    assert.match(await page.getByRole("main").innerText(), /can be switched on again at any time/);
    await page.getByRole("button", { name: "Switch off" }).click();
    await told(page, "Tasks is off.");
    assert.equal(pathOf(page), `${staging}/modules/tasks`);
    assert.equal(await taskScopes(page, staging), 0);

    await page.goto(`${staging}/modules/tasks`);
    await page.getByRole("button", { name: "Switch on" }).click();
    await told(page, "Tasks is on.");
    assert.equal(await taskScopes(page, staging), 1);
  });
}

scene("An auditor sees every module and can switch none", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, ARIA, `${production}/modules`);
  await heading(page, "Modules").waitFor();
  assert.equal(await page.getByRole("main").locator("form").count(), 0);
  assert.equal(await page.getByRole("link", { name: /^Switch off/ }).count(), 0);
  await page.getByRole("link", { name: "Tasks", exact: true }).click();
  await heading(page, "Tasks").waitFor();
  assert.equal(await page.getByRole("main").locator("form").count(), 0);
});
