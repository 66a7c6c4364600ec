// The life of a workspace: created within the plan, archived with its name typed, seen in its archive, and back again.

import assert from "node:assert/strict";

import AxeBuilder from "@axe-core/playwright";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ADAM, MIA, OLIVIA, signIn } from "../support/people.js";
import { newName } from "../support/rename.js";
import { goToTeam, northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const main = (page) => page.getByRole("main");

// From the list of workspaces to the new one's Overview. Returns its address.
async function create(page, name) {
  await page.getByRole("link", { name: "Create workspace" }).click();
  await heading(page, "Create workspace").waitFor();
  assert.match(await main(page).innerText(), /\d of 5 workspaces of the Team plan are used\./);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByRole("textbox", { name: /^Short name for addresses/ }).fill("story");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await heading(page, name).waitFor();
  assert.match(pathOf(page), /^\/w\/story-[a-z0-9]{6}$/);
  return pathOf(page);
}

async function openArchiving(page, workspace) {
  await page.goto(`${workspace}/settings`);
  await page.getByRole("link", { name: "Archive…" }).click();
  await page.getByRole("heading", { name: "What happens" }).waitFor();
}

async function archive(page, workspace) {
  await openArchiving(page, workspace);
  const phrase = `delete ${workspace.slice(3)}`;
  await page.getByRole("textbox", { name: `Type “${phrase}” to confirm` }).fill(phrase);
  await page.getByRole("button", { name: "Archive this workspace" }).click();
  await page.getByRole("heading", { name: "Receipt" }).waitFor();
}

for (const scripting of [true, false]) {
  scene(`A workspace is created, archived, seen in its archive and restored, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const page = await open({ scripting });
    await signIn(page, OLIVIA);
    await goToTeam(page);
    const name = newName("Story");
    const workspace = await create(page, name);
    await archive(page, workspace);
    assert.equal(pathOf(page), `${workspace}/archived`);
    assert.match(await main(page).innerText(), /Olivia Ortiz/, "the receipt names who was in it");

    expectStatus(page, 404);
    await page.goto(workspace);
    await heading(page, "This is not here any more").waitFor();
    await page.getByRole("link", { name: "Look at the archived workspace" }).click();
    await page.getByRole("heading", { name: "Receipt" }).waitFor();
    assert.equal(pathOf(page), `${workspace}/archived`);
    await goToTeam(page);
    await page.getByRole("table", { name: "Archived workspaces" }).getByRole("link", { name, exact: true }).click();
    await page.getByRole("button", { name: "Restore this workspace" }).click();
    await heading(page, name).waitFor();
    assert.equal(pathOf(page), workspace);
    // It does not count against the plan of the next run.
    await archive(page, workspace);
  });
}

scene("The wrong words archive nothing, and the button waits for the right ones", async (open) => {
  const { staging } = await northwind(open);
  const page = await open();
  await signIn(page, ADAM);
  await openArchiving(page, staging);
  const phrase = page.getByRole("textbox", { name: /^Type “delete / });
  const button = page.getByRole("button", { name: "Archive this workspace" });
  await phrase.fill("delete");
  assert.equal(await button.isDisabled(), true);

  const plain = await open({ scripting: false, storageState: await page.context().storageState() });
  await plain.goto(pathOf(page));
  await plain.getByRole("textbox", { name: /^Type “delete / }).fill("delete");
  expectStatus(plain, 422);
  await plain.getByRole("button", { name: "Archive this workspace" }).click();
  assert.match(await plain.getByRole("alert").innerText(), /exactly as it stands there\. Nothing was archived\./);
  await plain.goto(staging);
  await plain.getByRole("heading", { level: 2, name: "About" }).waitFor();
});

scene("Whoever may not archive finds no way to it", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  await signIn(page, MIA, `${production}/settings`);
  assert.equal(await page.getByRole("link", { name: "Archive…" }).count(), 0);
  expectStatus(page, 403);
  await page.goto(`${production}/settings/archive`);
  await heading(page, "You may not do this").waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  scene(`axe finds nothing in an archive, ${colorScheme}`, async (open) => {
    const page = await open({ colorScheme });
    await signIn(page, OLIVIA);
    await goToTeam(page);
    await page.getByRole("table", { name: "Archived workspaces" }).getByRole("link").first().click();
    await page.getByRole("heading", { name: "Receipt" }).waitFor();
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.target.join(" "))]), []);
  });
}
