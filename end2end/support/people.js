// The people of the demonstration, and how they come in and go: through the real provider, by clicking.

export const OLIVIA = "Olivia Ortiz"; // owner
export const ADAM = "Adam Asante"; // admin
export const MIA = "Mia Moreau"; // member
export const ARIA = "Aria Andersen"; // auditor: readonly
export const NICO = "Nico Nakamura"; // newcomer

// Opens `to` as a stranger, and comes back to it as `person`.
export async function signIn(page, person, to = "/") {
  await page.goto(to);
  await chooseAtProvider(page, person);
}

// From the sign-in page on.
export async function chooseAtProvider(page, person) {
  await page.getByRole("link", { name: "Continue to sign in" }).click();
  await page.getByRole("button", { name: `Continue as ${person}` }).click();
  await personMenu(page).waitFor();
}

export async function signOut(page) {
  await personMenu(page).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "You are signed out" }).waitFor();
}

export function personMenu(page) {
  return page.getByLabel(/^You: /);
}

export function themeMenu(page) {
  return page.getByLabel(/^Theme: /);
}

// A `summary` has no role of its own in ARIA; this one is named by its text.
export function switcher(page) {
  return page.getByRole("banner").locator("summary").filter({ hasText: "Switch workspace" });
}

export async function chooseTheme(page, theme) {
  await themeMenu(page).click();
  await page.getByRole("button", { name: theme, exact: true }).click();
  await page.getByLabel(`Theme: ${theme}`).waitFor();
}
