// The reference of the API: for anybody, from the list to one operation and to what it is refused with.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { OLIVIA, signIn } from "../support/people.js";
import { goTo, northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

for (const scripting of [true, false]) {
  scene(`A stranger reads what an operation takes, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const page = await open({ scripting });
    await page.goto("/docs/api");
    await heading(page, "API reference").waitFor();
    await page.getByRole("link", { name: "tasks.create", exact: true }).click();
    await heading(page, "tasks").waitFor();
    assert.equal(new URL(page.url()).hash, "#tasks.create");
    const body = page.getByRole("table", { name: "Body of tasks.create" });
    assert.match(await body.getByRole("row", { name: /^title/ }).innerText(), /required/);
    const example = page.getByRole("region", { name: "A call of tasks.create" });
    assert.match(await example.innerText(), /curl -X POST .*\$STOA_KEY/);
    const section = page.locator("[id='tasks.create']");
    await section.getByRole("link", { name: "billing_paused", exact: true }).click();
    await heading(page, "billing_paused").waitFor();
    await page.getByRole("link", { name: "API reference", exact: true }).click();
    await heading(page, "API reference").waitFor();
  });
}

scene("A module's page leads to its operations", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, OLIVIA, production);
  await goTo(page, "Modules");
  await page.getByRole("main").getByRole("link", { name: "Tasks", exact: true }).click();
  await page.getByRole("link", { name: "Its operations in the API reference", exact: true }).click();
  await heading(page, "tasks").waitFor();
  assert.equal(pathOf(page), "/docs/api/tasks");
});
