// The main pages: where each is, what it is headed, and how to bring it before somebody.

import { expectStatus } from "./complaints.js";
import { OLIVIA, signIn, switcher } from "./people.js";

export const TEAM = "Northwind Trading";

// `address` is given the places of Northwind. `then` brings the page into a state that has no address.
// `stranger`: seen by somebody who is not signed in. `status`: of the answer, where it is not 200.
// `title`: of the window, where it is not the heading.
export const PAGES = [
  { name: "sign-in", heading: "Sign in", address: () => "/sign-in", stranger: true },
  { name: "signed-out", title: "Signed out", heading: "You are signed out", address: () => "/signed-out", stranger: true },
  { name: "not-found", heading: "Nothing here", address: () => "/w/nobody-has-this", status: 404 },
  { name: "teams", heading: "Teams", address: ({ team }) => `${team}/teams` },
  { name: "workspaces", heading: "Workspaces", address: ({ team }) => `${team}/workspaces` },
  { name: "overview", heading: "Northwind Production", address: ({ production }) => production },
  {
    name: "overview-switcher",
    heading: "Northwind Production",
    address: ({ production }) => production,
    then: (page) => switcher(page).click(),
  },
  { name: "settings", heading: "Settings", address: ({ production }) => `${production}/settings` },
  {
    name: "settings-error",
    heading: "Settings",
    address: ({ production }) => `${production}/settings`,
    status: 422,
    then: submitEmptyName,
  },
  { name: "profile", heading: "Profile", address: () => "/profile" },
  { name: "inbox", heading: "Inbox", address: () => "/inbox" },
  { name: "mail", heading: "Mail", address: ({ production }) => `${production}/members/mail` },
  { name: "gallery", heading: "Gallery", address: () => "/dev/gallery" },
];

// Those that answer to a plain GET.
export const ADDRESSES = PAGES.filter((page) => !page.then);

// Brings a page before a person of its own, in a fresh context.
export async function show(open, entry, options = {}) {
  const known = await northwind(open);
  const page = await open({ ...options, storageState: entry.stranger ? undefined : known.state });
  if (entry.status) expectStatus(page, entry.status);
  await page.goto(entry.address(known));
  await entry.then?.(page);
  await page.getByRole("heading", { level: 1, name: entry.heading, exact: true }).waitFor();
  return page;
}

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
  await page.getByRole("heading", { name: "First steps" }).waitFor();
}

// By the rail, or by the sheet that it is on a narrow screen.
export async function goTo(page, entry) {
  const toggle = page.getByRole("button", { name: "Open navigation" });
  if (await toggle.isVisible()) await toggle.click();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: entry, exact: true }).click();
  await page.locator("#rail a[aria-current=page]").filter({ hasText: entry }).waitFor({ state: "attached" });
}

export function pathOf(page) {
  return new URL(page.url()).pathname;
}

async function submitEmptyName(page) {
  await page.getByRole("textbox", { name: "Name" }).fill("");
  await page.getByRole("button", { name: "Save name" }).click();
  await page.getByRole("alert").waitFor();
}
