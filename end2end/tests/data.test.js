// Data & Insights: what is stored is seen, looked at before it is reduced, and reduced by those who may.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { goTo, northwind } from "../support/pages.js";
import { ADAM, ARIA, signIn } from "../support/people.js";

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
