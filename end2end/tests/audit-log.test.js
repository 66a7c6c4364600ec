// The audit log: what somebody did is found by who looks for it, with before and after.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ARIA, MIA, OLIVIA, signIn } from "../support/people.js";
import { newName, renamed, sceneThatRenames } from "../support/rename.js";
import { goTo, newKey, northwind, openKeys, pathOf, secretOf } from "../support/ways.js";

const SEALED_MILLISECONDS = 40_000;

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const filters = (page) => page.getByRole("search", { name: "Filter" });
const table = (page) => page.getByRole("table", { name: "Audit rows" });

async function findRenaming(page, name) {
  await filters(page).getByLabel("Action", { exact: true }).selectOption("workspace.renamed");
  await filters(page).getByLabel(/^Actor/).fill("olivia");
  await filters(page).getByLabel(/^Target/).fill(name);
  await filters(page).getByRole("button", { name: "Apply" }).click();
  await page.getByText("3 filters are active.").waitFor();
  const row = table(page).getByRole("row").filter({ hasText: name });
  assert.equal(await row.count(), 1);
  return row;
}

async function seeBeforeAndAfter(page, row, before, name) {
  await row.getByRole("link", { name: "workspace.renamed" }).click();
  await heading(page, "workspace.renamed").waitFor();
  const changes = page.getByRole("table", { name: "What changed" }).getByRole("row").filter({ hasText: "name" }).last();
  assert.deepEqual(await changes.getByRole("cell").allInnerTexts(), [before, name]);
}

sceneThatRenames("An owner renames a workspace and finds the row, with what it was called before", "staging", OLIVIA, async (open, page) => {
  const before = await page.getByRole("textbox", { name: "Name" }).inputValue();
  const name = newName("Audited");
  await renamed(page, name);
  await goTo(page, "Audit Log");
  await heading(page, "Audit Log").waitFor();
  const row = await findRenaming(page, name);
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download CSV" }).click()]);
  assert.match(saved.suggestedFilename(), /^audit-log-staging-[a-z0-9]+-\d{4}-\d\d-\d\d\.csv$/);
  await seeBeforeAndAfter(page, row, before, name);
  await page.getByRole("link", { name: "All of this request" }).click();
  await page.getByText("1 filter is active.").waitFor();
  assert.equal(await table(page).getByRole("row").filter({ hasText: name }).count(), 1);
  await page.getByRole("link", { name: "Clear" }).click();
  await page.getByText("Everything, newest first.").waitFor();

  // The auditor finds the same, without scripting.
  const plain = await open({ scripting: false });
  await signIn(plain, ARIA, pathOf(page));
  assert.equal(await plain.getByRole("main").locator("form:not([method=get], [role=search])").count(), 0, "nothing to change");
  await seeBeforeAndAfter(plain, await findRenaming(plain, name), before, name);
});

scene("A member is refused by name, and the refusal is in the log", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  expectStatus(page, 403);
  await signIn(page, MIA, production);
  await page.goto(`${production}/audit-log`);
  await heading(page, "You may not do this").waitFor();
  assert.ok((await page.getByRole("main").innerText()).includes("ReadAudit"));
  const auditor = await open();
  await signIn(auditor, ARIA, `${production}/audit-log?outcome=denied&action=access.denied`);
  const row = table(auditor).getByRole("row").filter({ hasText: MIA }).first();
  assert.ok((await row.innerText()).includes("ReadAudit"));
  assert.ok((await row.innerText()).includes("denied"));
});

for (const scripting of [true, false]) {
  scene(`A key that is pasted leads to what was done with it, and stands in no address, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { state, production } = await northwind(open);
    const page = await open({ storageState: state, scripting });
    await page.goto(production);
    await openKeys(page);
    const name = await newKey(page, "Pasted");
    const secret = await secretOf(page);
    const origin = new URL(page.url()).origin;
    const answer = await fetch(`${origin}/api/v1/members`, { method: "GET", headers: { authorization: `Bearer ${secret}` } });
    assert.equal(answer.status, 200);
    assert.equal((await fetch(`${origin}/api/v1/api-keys`, { headers: { authorization: `Bearer ${secret}` } })).status, 403);
    await page.goto(`${production}/audit-log`);
    await filters(page).getByLabel("Search", { exact: true }).fill(secret);
    await filters(page).getByRole("button", { name: "Apply" }).click();
    await page.getByText("1 filter is active.").waitFor();
    assert.match(new URL(page.url()).search, /^\?q=credential%3Akey_[0-9a-z]{26}$/);
    assert.ok(!(await page.content()).includes(secret.slice(-20)));
    const rows = table(page).getByRole("row").filter({ hasText: name });
    assert.ok((await rows.allInnerTexts()).some((row) => row.includes("access.denied")));
    await rows.first().getByRole("link").click();
    await page.getByRole("link", { name: "All with this credential" }).click();
    await page.getByText("1 filter is active.").waitFor();
    assert.ok(await table(page).getByRole("row").filter({ hasText: "access.denied" }).count());
  });
}

scene("A line is corrected where it is wrong, and kept as a view", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  expectStatus(page, 422);
  await signIn(page, ARIA, `${production}/audit-log`);
  const line = filters(page).getByLabel("Search", { exact: true });
  await line.fill("outcome:fine -action:audit_log.");
  await line.press("Enter");
  const problem = page.getByRole("alert").getByRole("link", { name: /^In “outcome:fine”: / });
  await problem.click();
  assert.ok(await line.evaluate((field) => field === document.activeElement), "the problem leads to the line");
  assert.equal(await line.inputValue(), "outcome:fine -action:audit_log.");
  await line.fill("outcome:denied -action:audit_log.");
  await filters(page).getByLabel("Time", { exact: true }).selectOption("7d");
  await line.press("Enter");
  await page.getByText("2 filters are active.").waitFor();
  await page.getByRole("link", { name: "Save this view" }).click();
  const name = newName("Refused");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByText("2 filters are active.").waitFor();
  assert.equal(await line.inputValue(), "outcome:denied -action:audit_log.");
  await page.getByRole("link", { name: "Saved views" }).click();
  await page.getByRole("link", { name: `Change: ${name}` }).click();
  await page.getByRole("link", { name: "Delete …" }).click();
  await heading(page, `Delete ${name}`).waitFor();
  await page.getByRole("button", { name: "Delete view" }).click();
  await page.getByText("The view is deleted.").waitFor();
  assert.equal(await page.getByRole("link", { name, exact: true }).count(), 0);
});

scene("An auditor takes the proof of a row and the evidence around it", async (open) => {
  const { production } = await northwind(open);
  const page = await open({ scripting: false });
  await signIn(page, ARIA, production);
  await goTo(page, "Audit Log");
  // The history of the demonstration is sealed soon after its first start.
  const sealed = page.getByText("sealed and tamper-evident");
  const until = Date.now() + SEALED_MILLISECONDS;
  while ((await sealed.count()) === 0 && Date.now() < until) await page.reload();
  const [bundle] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download evidence" }).click()]);
  assert.match(bundle.suggestedFilename(), /^audit-bundle-[a-z0-9-]+\.jsonl$/);
  const row = table(page).getByRole("row").filter({ hasNotText: "Unsealed" }).nth(1);
  await row.getByRole("link").click();
  await page.getByRole("heading", { level: 2, name: "Proof" }).waitFor();
  await page.getByText(/^Sealed with the number/).waitFor();
  const [proof] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download proof" }).click()]);
  assert.match(proof.suggestedFilename(), /^audit-proof-aud_[a-z0-9]+\.json$/);
});
