// Coming in through the identity provider, and leaving so that nothing stays behind.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { MIA, NICO, OLIVIA, chooseAtProvider, personMenu, signIn, signOut } from "../support/people.js";
import { goTo, goToWorkspace, northwind, pathOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

scene("A newcomer lands in a workspace of their own, with first steps", async (open) => {
  const page = await open();
  await signIn(page, NICO);
  await heading(page, "My workspace").waitFor();
  assert.match(pathOf(page), /^\/w\/main-[a-z0-9]+$/);
  await page.getByRole("heading", { level: 2, name: "First steps" }).waitFor();
  assert.equal(await page.getByRole("main").getByRole("listitem").count(), 3);
  const banner = await page.getByRole("banner").innerText();
  assert.match(banner, /Nico Nakamura\s+My workspace\s+owner/);
});

scene("Someone who signs in again is not made a second workspace", async (open) => {
  for (const page of [await open(), await open()]) {
    await signIn(page, NICO);
    await goTo(page, "Workspaces");
    await heading(page, "Workspaces").waitFor();
    assert.equal(await page.getByRole("rowheader").count(), 1);
  }
});

scene("Signing in brings a person back to the page they wanted", async (open) => {
  const { production } = await northwind(open);
  const page = await open();
  const wanted = `${production}/settings?from=mail`;
  await page.goto(wanted);
  await heading(page, "Sign in").waitFor();
  await chooseAtProvider(page, MIA);
  await heading(page, "Settings").waitFor();
  assert.equal(pathOf(page) + new URL(page.url()).search, wanted);
});

scene("Who is signed in already is not asked again", async (open) => {
  const page = await open();
  await signIn(page, MIA);
  await page.goto("/sign-in?back=/profile");
  await heading(page, "Profile").waitFor();
});

scene("The way back never leaves the console", async (open) => {
  const page = await open();
  await page.goto("/sign-in?back=//elsewhere.example/");
  await chooseAtProvider(page, MIA);
  assert.match(pathOf(page), /^\/w\//);
});

scene("Signing out ends the session everywhere it could be picked up again", async (open) => {
  const page = await open();
  await signIn(page, OLIVIA);
  await goToWorkspace(page, "production");
  await goTo(page, "Settings");
  const settings = page.url();
  const old = (await page.context().cookies()).filter(({ name }) => name.includes("session"));
  assert.equal(old.length, 1);
  assert.ok(old[0].httpOnly && old[0].sameSite === "Lax", "scripts and other sites do not get the session");

  await signOut(page);
  assert.equal(pathOf(page), "/signed-out");
  assert.equal(await personMenu(page).count(), 0);

  // The way back through the history shows nothing of the console.
  for (let step = 0; step < 3; step += 1) {
    await page.goBack({ waitUntil: "commit" });
    await heading(page, "Sign in").waitFor();
    assert.doesNotMatch(await page.locator("body").innerText(), /Northwind|Olivia/);
  }

  await page.goto(settings);
  await heading(page, "Sign in").waitFor();

  // Who kept a copy of the cookie has nothing.
  const thief = await open();
  await thief.context().addCookies(old);
  await thief.goto(settings);
  await heading(thief, "Sign in").waitFor();
});

scene("Signing out in one tab is true in the other one", async (open) => {
  const page = await open();
  await signIn(page, OLIVIA);
  const other = await page.context().newPage();
  await other.goto("/profile");
  await heading(other, "Profile").waitFor();
  await signOut(page);
  expectStatus(other, 401);
  await other.getByRole("button", { name: "Save profile" }).click();
  await heading(other, "You are signed out").waitFor();
  await other.getByRole("link", { name: "Sign in" }).waitFor();
});

scene("A callback that was used is refused, and says under which request", async (open) => {
  const page = await open();
  const callbacks = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/sign-in/callback") callbacks.push(request.url());
  });
  await signIn(page, MIA);
  const [used] = callbacks;
  assert.ok(used, "the provider sent the browser back with a code");

  expectStatus(page, 400);
  const answer = await page.goto(used);
  assert.equal(answer.status(), 400);
  await heading(page, "You could not be signed in").waitFor();
  const request = answer.headers()["x-request-id"];
  assert.match(request, /^req_[0-9a-z]{26}$/);
  assert.ok((await page.getByRole("main").innerText()).includes(`Request ${request}`));

  // Another browser has even less use for it.
  const stranger = await open();
  expectStatus(stranger, 400);
  await stranger.goto(used);
  await heading(stranger, "You could not be signed in").waitFor();
  await stranger.goto("/profile");
  await heading(stranger, "Sign in").waitFor();
});

scene("Turning back at the provider leads to a page that says so, and from there to another try", async (open) => {
  const page = await open();
  expectStatus(page, 400);
  await page.goto("/");
  await page.getByRole("link", { name: "Continue to sign in" }).click();
  await page.getByRole("link", { name: "Go back without signing in" }).click();
  await heading(page, "You could not be signed in").waitFor();
  const text = await page.getByRole("main").innerText();
  assert.match(text, /you turned back\. You can try again\./);
  assert.match(text, /Request req_[0-9a-z]{26}/);
  await page.getByRole("link", { name: "Sign in" }).click();
  await chooseAtProvider(page, MIA);
});
