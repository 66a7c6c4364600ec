// Data & Insights: what is stored is seen, looked at before it is reduced, and reduced by those who may, by hand and by rules.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ADAM, ARIA, signIn } from "../support/people.js";
import { goTo, northwind } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

// The look first: the other one archives what there is to see.
for (const scripting of [false, true]) {
  scene(`An admin looks at what archiving would do, ${scripting ? "and begins it" : "without scripting"}`, async (open) => {
    const { production } = await northwind(open);
    const page = await open({ scripting });
    await signIn(page, ADAM, production);
    await goTo(page, "Data & Insights");
    await heading(page, "Data & Insights").waitFor();
    await page.getByRole("table", { name: "What is stored, by module and resource" }).waitFor();
    await page.getByRole("link", { name: "Reduce task", exact: true }).click();
    await heading(page, "Reduce what is stored").waitFor();
    await page.getByLabel("For more than so many days").fill("20");
    await page.getByLabel("Do", { exact: true }).selectOption({ value: "archive" });
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("heading", { level: 2, name: /^What it would do to/ }).waitFor();
    await page.getByRole("link", { name: "Export these records first" }).waitFor();
    if (!scripting) {
      await page.getByRole("link", { name: "Cancel" }).click();
      await heading(page, "Data & Insights").waitFor();
      return;
    }
    await page.getByRole("button", { name: "Archive these records" }).click();
    await page.getByRole("status").filter({ hasText: "It has begun." }).waitFor();
    await heading(page, "Reduction").waitFor();
    assert.equal(await page.getByRole("progressbar", { name: "Records looked at" }).count(), 1);
  });
}

scene("An auditor sees what is stored and no way to change it", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, ARIA, `${production}/data`);
  await heading(page, "Data & Insights").waitFor();
  assert.equal(await page.getByRole("link", { name: /^Reduce/ }).count(), 0);
});

for (const scripting of [false, true]) {
  scene(`An admin sets a rule by which entries go by themselves, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { production } = await northwind(open);
    const page = await open({ scripting });
    await signIn(page, ADAM, production);
    await goTo(page, "Data & Insights");
    await page.getByRole("link", { name: "Record retention", exact: true }).first().click();
    await heading(page, "Record retention").waitFor();
    await page.getByRole("link", { name: "Add a rule" }).click();
    await heading(page, "Retention rule").waitFor();

    // Long enough that nothing of the demonstration is so old.
    await choose(page, "3650");
    await page.getByText("There are no activity", { exact: false }).waitFor();
    const phrase = "purge activity after 3650 days";
    if (!scripting) {
      expectStatus(page, 422);
      await page.getByLabel(/^Type/).fill("purge everything");
      await page.getByRole("button", { name: "Set this rule" }).click();
      await page.getByRole("alert").waitFor();
    }
    await page.getByLabel(/^Type/).fill(phrase);
    await page.getByRole("button", { name: "Set this rule" }).click();
    await page.getByRole("status").filter({ hasText: "The rule is set." }).waitFor();
    const rule = page.getByRole("row").filter({ hasText: "Purge activity added more than 3650 days ago" });
    await rule.getByText("None yet").waitFor();

    // More days ask for nothing, and hold at once.
    await rule.getByRole("link", { name: /^Change/ }).click();
    await choose(page, "4000");
    assert.equal(await page.getByLabel(/^Type/).count(), 0);
    await page.getByRole("button", { name: "Set this rule" }).click();
    const longer = page.getByRole("row").filter({ hasText: "more than 4000 days ago" });
    await longer.getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("status").filter({ hasText: "The rule is removed." }).waitFor();
    assert.equal(await longer.count(), 0);
  });
}

scene("An auditor sees the rules and no way to change them", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, ARIA, `${production}/data/retention`);
  await heading(page, "Record retention").waitFor();
  assert.equal(await page.getByRole("link", { name: "Add a rule" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: /^Remove/ }).count(), 0);
});

async function choose(page, days) {
  await page.getByLabel("Records", { exact: true }).selectOption({ value: "activity" });
  await page.getByLabel("Do", { exact: true }).selectOption({ value: "purge" });
  await page.getByLabel("For more than so many days").fill(days);
  await page.getByRole("button", { name: "Apply" }).click();
  await heading(page, "Retention rule").waitFor();
}
