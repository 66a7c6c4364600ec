// Billing: what is bounded by a cap, set and removed, with and without scripting, and who sees which page.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ADAM, ARIA, OLIVIA, signIn } from "../support/people.js";
import { goTo, northwind, openKeys } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

for (const scripting of [true, false]) {
  scene(`A cap of the account is set, shown and removed, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { team } = await northwind(open);
    const page = await open({ scripting });
    await signIn(page, OLIVIA, `${team}/billing`);
    await heading(page, "Billing").waitFor();
    await page.getByLabel("Cap what").selectOption({ value: "account" });
    await page.getByLabel("Amount", { exact: true }).fill(scripting ? "1234.50" : "4321.50");
    await page.getByLabel("Tells", { exact: true }).check();
    await page.getByRole("button", { name: "Set cap" }).click();
    await page.getByRole("status").filter({ hasText: "The cap is saved." }).waitFor();
    const row = page.getByRole("table", { name: "Caps" }).getByRole("row").filter({ hasText: scripting ? "$1,234.50" : "$4,321.50" });
    await row.getByText("tells, once a month").waitFor();
    await row.getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("status").filter({ hasText: "The cap is removed." }).waitFor();
    assert.equal(await row.count(), 0);
  });
}

for (const scripting of [true, false]) {
  scene(`It is chosen at which percentages people are told, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { production } = await northwind(open);
    const page = await open({ scripting });
    await signIn(page, ADAM, `${production}/settings/spend`);
    for (const [tick, says] of [[false, "at 50, 95 and 100 %"], [true, "at 50, 80, 95 and 100 %"]]) {
      await page.getByRole("group", { name: "Told at" }).getByLabel("80 %").setChecked(tick);
      await page.getByRole("button", { name: "Save what is told" }).click();
      await page.getByRole("status").filter({ hasText: "What is told is saved." }).waitFor();
      await page.getByText(says).waitFor();
    }
  });
}

scene("An amount that is none is named beside its field, and stays", async (open) => {
  const { team } = await northwind(open);
  const page = await open();
  expectStatus(page, 422);
  await signIn(page, OLIVIA, `${team}/billing`);
  await page.getByLabel("Amount", { exact: true }).fill("1,50");
  await page.getByLabel("Refuses", { exact: true }).check();
  await page.getByRole("button", { name: "Set cap" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Amount", { exact: true }).inputValue(), "1,50");
  await page.getByText("with a point and no commas").first().waitFor();
});

scene("An admin bounds the workspace, an auditor only reads, and the account stays closed to both", async (open) => {
  const { team, production } = await northwind(open);
  const admin = await open();
  await signIn(admin, ADAM, `${production}/settings/spend`);
  await heading(admin, "Spend").waitFor();
  await admin.getByRole("button", { name: "Set cap" }).waitFor();
  await goTo(admin, "Settings");
  await admin.getByRole("link", { name: "Spend and caps" }).click();
  await heading(admin, "Spend").waitFor();
  expectStatus(admin, 403);
  assert.equal((await admin.goto(`${team}/billing`)).status(), 403);

  const auditor = await open();
  await signIn(auditor, ARIA, `${production}/settings/spend`);
  await heading(auditor, "Spend").waitFor();
  assert.equal(await auditor.getByRole("main").getByRole("button").count(), 0);
});

scene("A key is held to so many calls a minute", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, ADAM, production);
  await openKeys(page);
  await page.getByRole("table").getByRole("link").first().click();
  const calls = page.getByLabel("Calls a minute");
  if (!(await calls.count())) return;
  await calls.fill("60");
  await page.getByRole("button", { name: "Save limit" }).click();
  await page.getByRole("status").filter({ hasText: /limit is saved|Nothing to change/ }).waitFor();
  await page.getByText("60 a minute", { exact: true }).waitFor();
});

for (const scripting of [true, false]) {
  scene(`From an invoice to the events behind it, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { team } = await northwind(open);
    const page = await open({ scripting });
    await signIn(page, OLIVIA, `${team}/billing`);
    await heading(page, "Billing").waitFor();
    await page.getByText("Used since the last charge", { exact: true }).waitFor();
    const invoices = page.getByRole("table", { name: "Invoices" });
    await invoices.getByRole("link").first().click();
    await heading(page, "Invoice").waitFor();
    await page.getByRole("row").filter({ hasText: "Due" }).waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download CSV" }).click()]);
    assert.match(file.suggestedFilename(), /^invoice-.*-\d{4}\.csv$/);
    // Each line leads to what it is the sum of.
    await page.getByRole("table", { name: "Usage of Northwind Production" }).getByRole("link").first().click();
    await heading(page, "Usage events").waitFor();
    await page.getByRole("table", { name: "Usage events" }).getByRole("row").nth(1).waitFor();
  });
}

scene("The ledger says what was left after each entry, and a charge what it covers", async (open) => {
  const { team } = await northwind(open);
  const page = await open();
  await signIn(page, OLIVIA, `${team}/billing`);
  await page.getByRole("link", { name: "The whole ledger" }).click();
  await heading(page, "Ledger").waitFor();
  const charge = page.getByRole("table", { name: "Ledger" }).getByRole("row").filter({ hasText: "Usage charged" }).first();
  await charge.getByRole("link").click();
  await heading(page, "Ledger entry").waitFor();
  await page.getByRole("table", { name: "Postings" }).getByText("Earned: usage").waitFor();
  await page.getByRole("table", { name: "What it covers" }).getByRole("row").nth(1).waitFor();
});

scene("On paper an invoice is without what surrounds it", async (open) => {
  const { team } = await northwind(open);
  const page = await open();
  await signIn(page, OLIVIA, `${team}/billing/invoices/1`);
  await heading(page, "Invoice").waitFor();
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".top-bar").isVisible(), false);
  assert.equal(await page.locator(".rail").isVisible(), false);
  await page.getByRole("row").filter({ hasText: "Due" }).waitFor();
});

for (const scripting of [true, false]) {
  scene(`A smaller plan is looked at, asked for and withdrawn, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { team } = await northwind(open);
    const page = await open({ scripting });
    await signIn(page, OLIVIA, `${team}/billing`);
    await page.getByRole("link", { name: "Compare plans" }).click();
    await heading(page, "Plan").waitFor();
    await page.getByRole("link", { name: "What changes with Builder" }).click();
    await page.getByRole("heading", { level: 2, name: /^From \w+ to Builder$/ }).waitFor();
    await page.getByText("What would not go on").waitFor();
    await page.getByRole("button", { name: /^Change to Builder on 1 / }).click();
    await page.getByRole("status").filter({ hasText: /^The plan is Builder from 1 .* on\.$/ }).waitFor();
    await page.getByRole("row").filter({ hasText: "Builder" }).getByText("to come").waitFor();
    await page.getByRole("button", { name: /^Keep / }).click();
    await page.getByRole("status").filter({ hasText: "The plan stays" }).waitFor();
    assert.equal(await page.getByRole("button", { name: /^Keep / }).count(), 0);
  });
}
