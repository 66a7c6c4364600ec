// Dead ends that are none: a session that was over when Save was pressed, an address that only forms are sent to, and the
// same page of another workspace.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { OLIVIA, signIn, switcher } from "../support/people.js";
import { northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const addresses = (page) => page.getByLabel("E-mail addresses");
const ENTERED = "ada@example.com\nbea@example.com";

// Fills the form that invites, and sends it when the session is gone.
async function sendTooLate(page, workspace) {
  await signIn(page, OLIVIA, `${workspace}/members/invite`);
  await addresses(page).fill(ENTERED);
  await page.getByRole("radio", { name: "readonly", exact: true }).check();
  await page.context().clearCookies();
  expectStatus(page, 401);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await heading(page, "You are signed out").waitFor();
  assert.match(await page.getByRole("main").innerText(), /What you entered[\s\S]*ada@example\.com[\s\S]*readonly/);
  await page.getByRole("link", { name: "Sign in again" }).click();
  await page.getByRole("button", { name: `Continue as ${OLIVIA}` }).click();
  await heading(page, "Invite people").waitFor();
  assert.equal(pathOf(page), `${workspace}/members/invite`);
}

scene("What was typed when the session ended stands in the form again after signing in", async (open) => {
  const { staging } = await northwind(open);
  const page = await open();
  await sendTooLate(page, staging);
  await page.getByRole("status").filter({ hasText: "What you entered stands here again. It is not saved yet." }).waitFor();
  assert.equal(await addresses(page).inputValue(), ENTERED);
  assert.ok(await page.getByRole("radio", { name: "readonly", exact: true }).isChecked());
  await page.reload();
  assert.equal((await addresses(page).inputValue()).trim(), "", "it is brought back once");
});

scene("Without scripting the way after signing in leads to the form, and what was typed could be copied", async (open) => {
  const { staging } = await northwind(open);
  const page = await open({ scripting: false });
  await sendTooLate(page, staging);
  assert.equal((await addresses(page).inputValue()).trim(), "");
});

scene("An address that only forms are sent to shows the form's page", async (open) => {
  const { staging } = await northwind(open);
  const page = await open();
  await signIn(page, OLIVIA, `${staging}/settings/name`);
  await heading(page, "Settings").waitFor();
  assert.equal(pathOf(page), `${staging}/settings`);
});

scene("The switcher keeps the page", async (open) => {
  const { production, staging } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, OLIVIA, `${production}/settings/security`);
  await switcher(page).click();
  await page.getByRole("banner").getByRole("link", { name: /^Northwind Staging/ }).click();
  await heading(page, "Security").waitFor();
  assert.equal(pathOf(page), `${staging}/settings/security`);
});
