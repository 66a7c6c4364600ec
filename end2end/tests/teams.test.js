// Teams: making one and taking it away again, its people, and who joins.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ARIA, MIA, OLIVIA, signIn } from "../support/people.js";
import { goTo, northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const link = (page, name) => page.getByRole("main").getByRole("link", { name, exact: true });
const button = (page, name) => page.getByRole("main").getByRole("button", { name, exact: true });

scene("Without scripting a person makes a team, renames it, and deletes it", async (open) => {
  const page = await open({ scripting: false });
  await signIn(page, MIA);
  await goTo(page, "Teams");
  await link(page, "Create team").click();
  await page.getByRole("textbox", { name: "Name" }).fill("Moreau Labs");
  await button(page, "Create team").click();
  await page.getByRole("status").filter({ hasText: "The team Moreau Labs is there." }).waitFor();
  const team = pathOf(page).replace(/\/workspaces$/, "");
  assert.match(team, /^\/t\/team-[a-z0-9]+$/);

  await goTo(page, "Team settings");
  await page.getByRole("textbox", { name: "Name" }).fill("Moreau Works");
  await button(page, "Save name").click();
  await page.getByRole("status").filter({ hasText: "The name is saved." }).waitFor();

  await goTo(page, "People");
  await link(page, "Leave team").click();
  await page.getByText("You are alone in this team").waitFor();

  await page.goto(`${team}/settings`);
  await link(page, "Delete team").click();
  await heading(page, "Delete Moreau Works").waitFor();
  const phrase = `delete ${team.replace("/t/", "")}`;
  await page.getByLabel(`Type “${phrase}” to confirm`).fill(phrase);
  await button(page, "Delete team").click();
  await page.getByRole("status").filter({ hasText: "Moreau Works is deleted." }).waitFor();
  expectStatus(page, 404);
  await page.goto(`${team}/people`);
  await heading(page, "This is not here any more").waitFor();
  await page.getByText("This team was deleted").waitFor();
});

scene("An owner finds somebody and gives them another role, having read what it changes", async (open) => {
  const { team } = await northwind(open);
  const page = await open();
  await signIn(page, OLIVIA, `${team}/people`);
  const change = async (role) => {
    await page.goto(`${team}/people`);
    await page.getByRole("searchbox", { name: "Name or e-mail" }).fill("mia");
    await button(page, "Apply").click();
    await page.waitForURL(/\?q=mia/);
    assert.equal(await page.getByRole("table", { name: "People of this team" }).getByRole("row").count(), 2, "the head and Mia");
    await link(page, MIA).click();
    await heading(page, MIA).waitFor();
    await page.getByRole("radio", { name: role, exact: true }).check();
    await button(page, "Save role").click();
    await page.getByRole("status").filter({ hasText: "The role is saved." }).waitFor();
  };
  await change("billing");
  await link(page, MIA).click();
  await page.getByText("Loses: read this team's billing;").waitFor();
  await change("member");
});

scene("Who is outside of the allowed domains is said before they are saved", async (open) => {
  const { team } = await northwind(open);
  const page = await open();
  await signIn(page, OLIVIA, `${team}/settings`);
  expectStatus(page, 409);
  const domains = page.getByRole("textbox", { name: "Allowed domains" });
  await domains.fill("elsewhere.example");
  await button(page, "Save joining").click();
  await page.getByText("people of this team have no verified address of these domains.").waitFor();
  assert.equal(await domains.inputValue(), "elsewhere.example");
  await page.goto(`${team}/settings`);
  assert.equal(await domains.inputValue(), "", "nothing was saved");
});

scene("An auditor sees the team's people and no way to change them", async (open) => {
  const { team } = await northwind(open);
  const page = await open();
  await signIn(page, ARIA, `${team}/people`);
  await page.getByRole("table", { name: "People of this team" }).waitFor();
  assert.equal(await page.getByRole("main").getByRole("link", { name: MIA }).count(), 0);
  expectStatus(page, 403);
  await page.goto(`${team}/settings`);
  await heading(page, "You may not do this").waitFor();
});
