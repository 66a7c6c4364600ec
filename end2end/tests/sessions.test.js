// A person's sessions, seen and ended from another browser; and what a workspace asks of sign-ins, reviewed first.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ADAM, OLIVIA, personMenu, signIn } from "../support/people.js";
import { northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const rows = (page) => page.getByRole("table", { name: "Your sessions" }).locator("tbody tr");

scene("A session that is ended from another browser is over at its next click", async (open) => {
  const [here, there] = [await open({ scripting: false }), await open()];
  await signIn(here, ADAM, "/sessions");
  await signIn(there, ADAM, "/profile");
  // Others of the suite may be signed in as well: first this one is alone.
  await here.getByRole("button", { name: "End all others" }).click();
  await here.getByRole("status").filter({ hasText: "ended" }).waitFor();
  assert.equal(await rows(here).count(), 1);
  assert.ok(await here.getByRole("button", { name: "End all others" }).isDisabled());
  await there.goto("/profile");
  await heading(there, "Sign in").waitFor();

  await there.getByRole("link", { name: "Continue to sign in" }).click();
  await there.getByRole("button", { name: `Continue as ${ADAM}` }).click();
  await heading(there, "Profile").waitFor();
  await here.reload();
  assert.equal(await rows(here).count(), 2);
  await here.getByRole("button", { name: /^End the session on / }).click();
  await here.getByRole("status").filter({ hasText: "The session is ended." }).waitFor();
  assert.equal(await rows(here).count(), 1);
  await there.getByRole("link", { name: "Teams", exact: true }).click();
  await heading(there, "Sign in").waitFor();
  assert.equal(await personMenu(there).count(), 0);
});

scene("Ending all sessions signs out here too", async (open) => {
  const page = await open();
  await signIn(page, ADAM, "/sessions");
  await page.getByRole("button", { name: "End all and sign out" }).click();
  await heading(page, "You are signed out").waitFor();
  await page.goto("/sessions");
  await heading(page, "Sign in").waitFor();
});

scene("A change of what a workspace asks is reviewed, and cannot shut out who makes it", async (open) => {
  const { staging } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, OLIVIA, `${staging}/settings/security`);
  expectStatus(page, 422);
  await page.getByRole("textbox", { name: "Allowed networks" }).fill("203.0.113.0/24");
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByRole("alert").getByText("Your own address").waitFor();
  assert.equal((await page.getByRole("textbox", { name: "Allowed networks" }).inputValue()).trim(), "203.0.113.0/24");

  await page.goto(`${staging}/settings/security`);
  const days = page.getByRole("textbox", { name: "Credentials live at most, in days" });
  const before = await days.inputValue();
  const after = before === "90" ? "91" : "90";
  for (const value of [after, before]) {
    await days.fill(value);
    await page.getByRole("button", { name: "Review the change" }).click();
    await heading(page, "Review the change").waitFor();
    await page.getByText("Nobody who is signed in now is cut off.").waitFor();
    await page.getByRole("button", { name: "Make the change" }).click();
    await page.getByRole("status").filter({ hasText: "Nobody was cut off." }).waitFor();
    assert.equal(pathOf(page), `${staging}/settings/security`);
    assert.equal(await days.inputValue(), value);
  }
});

scene("An owner lets support look, and takes it back", async (open) => {
  const { staging } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, OLIVIA, `${staging}/settings/support-access`);
  await page.getByRole("textbox", { name: "Reason" }).fill("The invoice looks wrong");
  await page.getByRole("radio", { name: "4 hours", exact: true }).check();
  await page.getByRole("button", { name: "Let support look" }).click();
  await page.getByRole("status").filter({ hasText: "Support may look into this workspace for 4 hours." }).waitFor();
  await page.getByRole("row").filter({ hasText: "The invoice looks wrong" }).getByRole("button", { name: "End now" }).click();
  await page.getByRole("status").filter({ hasText: "Support access is ended." }).waitFor();
  assert.equal(await page.getByRole("button", { name: "End now" }).count(), 0);
});
