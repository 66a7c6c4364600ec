// The ways through the console that tests share: to the places of Northwind, and into states that have no address.

import { MIA, OLIVIA, signIn } from "./people.js";

export const TEAM = "Northwind Trading";

// The key and the view that pages with one are shown with.
export const PICTURED = "Pictured";
// Of the demonstration.
export const AGENT = "Research agent";

let known;

// Olivia's session, and the addresses of her team and its workspaces. Found once in a file.
export function northwind(open) {
  known ??= find(open);
  return known;
}

async function find(open) {
  const page = await open();
  await signIn(page, OLIVIA);
  await goToTeam(page);
  const team = pathOf(page).replace(/\/workspaces$/, "");
  const production = await workspaceLink(page, "production").getAttribute("href");
  const staging = await workspaceLink(page, "staging").getAttribute("href");
  return { state: await page.context().storageState(), team, production, staging };
}

// From any page of the console to the workspaces of Northwind.
export async function goToTeam(page) {
  await goTo(page, "Teams");
  await page.getByRole("link", { name: TEAM, exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Workspaces" }).waitFor();
}

// Names change; a slug begins with the word it was made from, for good.
export function workspaceLink(page, word) {
  return page.getByRole("row").filter({ hasText: new RegExp(`${word}-[a-z0-9]+`) }).getByRole("link");
}

export async function goToWorkspace(page, word) {
  await goToTeam(page);
  await workspaceLink(page, word).click();
  await page.getByRole("heading", { level: 2, name: "About" }).waitFor();
}

// By the rail, or by the sheet that it is on a narrow screen.
export async function goTo(page, entry) {
  const toggle = page.getByRole("button", { name: "Open navigation" });
  if (await toggle.isVisible()) await toggle.click();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: entry, exact: true }).click();
  await page.locator("#rail a[aria-current=page]").filter({ hasText: entry }).waitFor({ state: "attached" });
}

// From any page of a workspace to its keys.
export async function openKeys(page) {
  await goTo(page, "API Keys");
  await page.getByRole("heading", { level: 1, name: "API Keys" }).waitFor();
}

// From the list of keys to the page that shows a new one's secret. Returns its name, which no other key has.
export async function newKey(page, word, name = `${word} ${Date.now().toString(36)}`) {
  await page.getByRole("link", { name: /^Create (the first )?key$/ }).first().click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("members:read", { exact: true }).check();
  await page.getByLabel("audit:read", { exact: true }).check();
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("heading", { level: 1, name: `The key “${name}” is created` }).waitFor();
  return name;
}

export function secretOf(page) {
  return page.getByLabel("API key", { exact: true }).inputValue();
}

export function pathOf(page) {
  return new URL(page.url()).pathname;
}

export async function follow(page, link) {
  await page.getByRole("main").getByRole("link", { name: link, exact: true }).click();
  await page.getByRole("heading", { level: 1 }).filter({ hasText: link.replace(/^Remove from team$/, "Remove ") }).waitFor();
}

// So that the list is one.
export async function keepOneKey(page) {
  const row = page.getByRole("link", { name: PICTURED, exact: true }).first();
  if (await row.count()) return;
  await newKey(page, PICTURED, PICTURED);
  await openKeys(page);
  await row.waitFor();
}

export async function goToKey(page) {
  await keepOneKey(page);
  await page.getByRole("link", { name: PICTURED, exact: true }).first().click();
}

export async function goToAgent(page) {
  await page.getByRole("link", { name: AGENT, exact: true }).click();
}

// The same of saved views.
export async function keepOneView(page) {
  const row = page.getByRole("link", { name: PICTURED, exact: true }).first();
  if (await row.count()) return;
  await page.getByRole("link", { name: "New view", exact: true }).click();
  const main = page.getByRole("main");
  await main.getByLabel("Name", { exact: true }).fill(PICTURED);
  await main.getByLabel(/^Search/).fill("outcome:denied -channel:system");
  await main.getByLabel("Time", { exact: true }).selectOption("30d");
  await page.getByRole("button", { name: "Save view" }).click();
  await row.waitFor();
}

export async function goToView(page) {
  await keepOneView(page);
  await page.getByRole("link", { name: `Change: ${PICTURED}`, exact: true }).first().click();
}

// The same of audit streams: paused, since nobody is at its endpoint.
export async function keepOneStream(page) {
  const row = page.getByRole("link", { name: PICTURED, exact: true }).first();
  if (await row.count()) return;
  await page.getByRole("link", { name: "New stream", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill(PICTURED);
  await page.getByLabel("Endpoint", { exact: true }).fill("https://siem.example.com/stoa");
  await page.getByLabel("Begins with", { exact: true }).selectOption("now");
  await page.getByRole("button", { name: "Make stream" }).click();
  await page.getByRole("link", { name: "I have stored it" }).click();
  await page.getByRole("button", { name: "Pause stream" }).click();
  await page.getByRole("button", { name: "Resume stream" }).waitFor();
  await page.getByRole("link", { name: "All streams" }).click();
  await row.waitFor();
}

export async function goToStream(page) {
  await keepOneStream(page);
  await page.getByRole("link", { name: PICTURED, exact: true }).first().click();
}

// To the newest reduction, or to one of what is oldest: the other scenes have the rest.
export async function goToReduction(page) {
  const newest = page.getByRole("table", { name: "Reductions" }).getByRole("link").first();
  if (await newest.count()) return newest.click();
  await page.goto(`${pathOf(page)}/reduce?resource=task&act=archive&days=26`);
  await page.getByRole("button", { name: "Archive these records" }).click();
}

// A rule by which nothing of the demonstration goes: none of it is that old.
export async function keepOneRule(page) {
  const rules = page.getByRole("table", { name: "Retention rules" });
  if (await rules.count()) return;
  await page.goto(`${pathOf(page)}/rule?resource=task&act=archive&days=365`);
  await page.getByRole("button", { name: "Set this rule" }).click();
  await rules.waitFor();
}

export async function submitEmptyName(page) {
  await page.getByRole("textbox", { name: "Name" }).fill("");
  await page.getByRole("button", { name: "Save name" }).click();
  await page.getByRole("alert").waitFor();
}

export async function goToRemoval(page) {
  await page.getByRole("link", { name: MIA, exact: true }).click();
  await page.getByRole("link", { name: "Remove …" }).click();
}

export async function inviteNonsense(page) {
  await page.getByLabel("E-mail addresses").fill("nonsense");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByRole("alert").waitFor();
}
