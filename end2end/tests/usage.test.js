// Usage: what a key called is found by hour, in the chart and in the table, and behind each bar its events.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { HOME } from "../support/chromium.js";
import { ARIA, OLIVIA, signIn } from "../support/people.js";
import { goTo, goToWorkspace, newKey, northwind, openKeys, secretOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const bars = (page) => page.getByRole("group", { name: /^Events/ }).getByRole("link");

scene("An owner follows a key's calls from the chart to the events", async (open) => {
  const page = await open();
  await signIn(page, OLIVIA);
  await goToWorkspace(page, "staging");
  await openKeys(page);
  const name = await newKey(page, "Metered");
  const secret = await secretOf(page);
  for (let call = 0; call < 3; call += 1) {
    const answer = await fetch(`${HOME}/api/v1/members`, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal(answer.status, 200);
  }

  await goTo(page, "Usage");
  await heading(page, "Usage").waitFor();
  const filters = page.getByRole("search", { name: "Filter" });
  await filters.getByLabel("Time", { exact: true }).selectOption("24h");
  await filters.getByLabel("Split by", { exact: true }).selectOption("credential");
  await filters.getByLabel("Credential", { exact: true }).selectOption({ label: name });
  await filters.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/by=credential/);
  await page.getByText("The same as a table").click();
  const rows = page.getByRole("table", { name: "What was used" }).getByRole("row").filter({ hasText: name });
  assert.ok((await rows.count()) >= 1);
  await bars(page).first().click();
  await heading(page, "Usage events").waitFor();
  const events = page.getByRole("table", { name: "Usage events" });
  await events.getByRole("row").filter({ hasText: "members.list" }).first().waitFor();
});

scene("An auditor sees figures change while a key calls, and what was open stays open", async (open) => {
  const page = await open();
  await signIn(page, OLIVIA);
  await goToWorkspace(page, "staging");
  await openKeys(page);
  const name = await newKey(page, "Watched");
  const secret = await secretOf(page);
  const call = async () => {
    const answer = await fetch(`${HOME}/api/v1/members`, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal(answer.status, 200);
  };
  await call();
  await goTo(page, "Usage");
  const usage = new URL(page.url()).pathname;

  const watching = await open();
  await signIn(watching, ARIA, `${usage}?range=24h&compare=previous&by=credential`);
  await watching.getByText("The same as a table").click();
  const live = watching.getByRole("button", { name: "Live", exact: true });
  await live.focus();
  await watching.keyboard.press("Enter");
  await watching.getByText("Figures change by themselves.").waitFor();
  await call();
  await watching.getByText("The figures changed, and are shown anew.").waitFor();
  const row = watching.getByRole("table", { name: "What was used" }).getByRole("row").filter({ hasText: name });
  assert.ok(await row.first().isVisible(), "the table is open still");
  await live.click();
  await watching.getByRole("button", { name: "Live", pressed: false }).waitFor();
  assert.equal(new URL(watching.url()).hash, "");
});

scene("An auditor reads usage without scripting and is offered nothing that changes it", async (open) => {
  const { production } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, ARIA, `${production}/usage`);
  await heading(page, "Usage").waitFor();
  assert.equal(await page.getByRole("main").locator("form:not([method=get])").count(), 0);
});
