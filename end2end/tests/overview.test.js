// The overview: what needs somebody leads to exactly that, the figures to theirs, and an auditor finds nothing to change.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { ARIA, OLIVIA, signIn } from "../support/people.js";
import { goTo, goToWorkspace, newKey, northwind, openKeys } from "../support/ways.js";

const heading = (page, name, level = 2) => page.getByRole("heading", { level, name, exact: true });
const concern = (page, words) => page.getByRole("list", { name: "What needs you" }).getByRole("listitem").filter({ hasText: words });

scene("Without scripting an owner is told of a key that is stopped, and no more once it is lifted", async (open) => {
  const page = await open({ scripting: false });
  await signIn(page, OLIVIA);
  await goToWorkspace(page, "staging");
  await openKeys(page);
  const name = await newKey(page, "Stopped");
  await openKeys(page);
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByLabel("Reason").fill("Odd calls");
  await page.getByRole("button", { name: "Quarantine key" }).click();
  await page.getByRole("status").filter({ hasText: "The key is quarantined." }).waitFor();
  await goTo(page, "Overview");
  await concern(page, /quarantined/).getByRole("link", { name: "API Keys" }).click();
  await page.waitForURL(/status=quarantined/);
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("button", { name: "Lift quarantine" }).click();
  await page.getByRole("status").waitFor();
  await goTo(page, "Overview");
  assert.equal(await concern(page, name).count(), 0);
});

scene("The overview's figures lead to the usage page, and its rows to the log", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, OLIVIA, production);
  await heading(page, "Usage").waitFor();
  await page.getByRole("main").getByRole("link", { name: "All usage", exact: true }).click();
  await page.waitForURL(/\/usage\?range=30d/);
  await page.goto(production);
  await page.getByRole("table", { name: "Newest audit rows" }).getByRole("link").first().click();
  await page.getByRole("link", { name: /audit log/i }).first().waitFor();
});

scene("An auditor finds nothing on the overview that changes anything", async (open) => {
  const { production } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, ARIA, production);
  await heading(page, "What needs you").waitFor();
  assert.equal(await page.getByRole("main").locator("form").count(), 0);
  assert.equal(await page.getByText("First write").count(), 0, "who may not write is not told how");
});
