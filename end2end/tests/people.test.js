// The people of a workspace: one is removed, invited back by mail, and comes; and what others see of that link.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { HOME } from "../support/chromium.js";
import { expectStatus } from "../support/complaints.js";
import { latestMailTo, linkIn } from "../support/mail.js";
import { ADAM, ARIA, MIA, NICO, OLIVIA, signIn } from "../support/people.js";
import { goTo, northwind, pathOf } from "../support/ways.js";

const MIAS_ADDRESS = "mia.moreau@northwind.example";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const flash = (page, text) => page.getByRole("status").filter({ hasText: text });

// Sends the form that invites. The links go by mail.
async function invite(page, workspace, addresses, role) {
  await page.goto(`${workspace}/members/invite`);
  await page.getByLabel("E-mail addresses").fill(addresses);
  await page.getByRole("radio", { name: role, exact: true }).check();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await heading(page, "Invited").waitFor();
}

// From the offer to the provider and back to the offer, which has no frame.
async function signInToAccept(page, person) {
  await page.getByRole("link", { name: "Sign in to accept" }).click();
  await page.getByRole("link", { name: "Continue to sign in" }).click();
  await page.getByRole("button", { name: `Continue as ${person}` }).click();
  await heading(page, "Join Northwind Staging").waitFor();
}

async function setRole(page, staging, name, role) {
  await page.goto(`${staging}/members`);
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("radio", { name: role, exact: true }).check();
  await page.getByRole("button", { name: "Save role" }).click();
  await flash(page, `${name} is now ${role}.`).waitFor();
}

scene("A member is removed, is out with the next click, and comes back by a link", async (open) => {
  const { staging } = await northwind(open);
  const olivia = await open();
  await signIn(olivia, OLIVIA, `${staging}/members`);
  const mia = await open();
  await signIn(mia, MIA, staging);

  await olivia.getByRole("link", { name: MIA, exact: true }).click();
  await olivia.getByRole("link", { name: "Remove …" }).click();
  await heading(olivia, `Remove ${MIA}`).waitFor();
  await olivia.getByRole("button", { name: "Remove member" }).click();
  await flash(olivia, `${MIA} is no longer a member.`).waitFor();
  assert.equal(await olivia.getByRole("row").filter({ hasText: MIA }).count(), 0);

  expectStatus(mia, 404);
  await mia.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Members", exact: true }).click();
  await heading(mia, "This is not here any more").waitFor();
  assert.match(await mia.getByRole("main").innerText(), /You are not a member of this workspace any more\./);

  await invite(olivia, staging, `Mia <${MIAS_ADDRESS}>`, "member");
  const mail = await latestMailTo(MIAS_ADDRESS, ({ subject }) => subject === "Olivia Ortiz invites you to Northwind Staging");
  assert.match(mail.text, /invites you to the workspace Northwind Staging of Northwind Trading, with the role member\./);
  assert.doesNotMatch(mail.html, /<(img|script|link)\b|url\(/);
  const link = linkIn(mail, HOME);
  await olivia.getByRole("link", { name: "All invitations" }).click();
  await heading(olivia, "Invitations").waitFor();
  assert.match(await olivia.getByRole("row").filter({ hasText: MIAS_ADDRESS }).innerText(), /member\s+Olivia Ortiz\s+Mailed/);
  assert.equal(await olivia.getByText("stoa_inv_live_").count(), 0, "whoever invites is not shown what was mailed");

  // Whoever else gets hold of it sees what it is, and can do nothing with it.
  const nico = await open();
  await nico.goto(link);
  await heading(nico, "Join Northwind Staging").waitFor();
  assert.equal(pathOf(nico), "/invitation", "the secret has left the address");
  await signInToAccept(nico, NICO);
  const seen = await nico.getByRole("main").innerText();
  assert.match(seen, /You are signed in as nico\.nakamura@example\.net\. The invitation is for m…@northwind\.example\./);
  assert.equal(await nico.getByRole("button", { name: "Accept invitation" }).count(), 0);

  await mia.goto(link);
  await heading(mia, "Join Northwind Staging").waitFor();
  await mia.getByRole("button", { name: "Accept invitation" }).click();
  await heading(mia, "Northwind Staging").waitFor();
  await flash(mia, "You are now in Northwind Staging as member.").waitFor();

  await setRole(olivia, staging, MIA, "admin");
  await goTo(mia, "Settings");
  await mia.getByRole("button", { name: "Save name" }).waitFor();
  await setRole(olivia, staging, MIA, "member");
  await mia.reload();
  await heading(mia, "Settings").waitFor();
  assert.equal(await mia.getByRole("button", { name: "Save name" }).count(), 0);
});

scene("Without scripting many are invited at once, each with an answer, and one is revoked", async (open) => {
  const { production } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, ADAM, production);
  const address = `grace-${Date.now().toString(36)}@example.com`;
  await invite(page, production, `${address}\nnonsense, ${MIAS_ADDRESS}`, "readonly");
  const answers = await page.getByRole("table", { name: "What became of each address" }).innerText();
  assert.match(answers, new RegExp(`${address}\\s+Invited`));
  assert.match(answers, /nonsense\s+Not an address/);
  assert.match(answers, /Member\s+Is a member already\./);
  await page.getByRole("link", { name: "All invitations" }).click();
  await page.getByRole("link", { name: address, exact: true }).click();
  const mailed = linkIn(await latestMailTo(address), HOME);

  // A link to copy takes the place of the one that was mailed, and is shown once.
  await page.getByRole("button", { name: "Make a link to copy" }).click();
  const copied = await page.locator("#secret").inputValue();
  assert.match(copied, /\/invitations\/stoa_inv_live_/);
  assert.ok(!copied.endsWith(mailed), "another link");
  const stranger = await open();
  expectStatus(stranger, 404);
  await stranger.goto(mailed);
  await heading(stranger, "This link opens nothing").waitFor();
  await page.getByRole("link", { name: "I have stored it" }).click();
  await page.getByRole("button", { name: "Revoke invitation" }).click();
  await flash(page, `The invitation for ${address} is revoked.`).waitFor();
  assert.equal(await page.getByRole("link", { name: address, exact: true }).count(), 0);
});

scene("An auditor narrows the list down and takes it along, and finds nothing to press", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, ARIA, `${production}/members`);
  await page.getByLabel("Name or e-mail").fill("moreau");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/q=moreau/);
  assert.equal(await page.getByRole("rowheader").count(), 1);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download CSV" }).click()]);
  assert.match(download.suggestedFilename(), /^members-production-[a-z0-9]+\.csv$/);
  await page.getByRole("link", { name: MIA, exact: true }).click();
  await heading(page, MIA).waitFor();
  assert.equal(await page.getByRole("main").locator("form, input, select").count(), 0);
});
