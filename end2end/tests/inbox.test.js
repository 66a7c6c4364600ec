// What a person is told: on the Inbox page, at the top of every page, and by mail.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { HOME } from "../support/chromium.js";
import { latestMailTo, linkIn } from "../support/mail.js";
import { ADAM, MIA, signIn } from "../support/people.js";
import { goTo, pathOf } from "../support/ways.js";

const WELCOME = "You are in Northwind Trading";
const inboxLink = (page) => page.getByRole("banner").getByRole("link", { name: /^Inbox(, \d+ unread)?$/ });
const entry = (page) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: WELCOME }) });

async function unread(page) {
  return Number(/\d+/.exec(await inboxLink(page).getAttribute("aria-label"))?.[0] ?? 0);
}

scene("Without scripting a person reads what they were told, and marks it as read", async (open) => {
  const page = await open({ scripting: false });
  await signIn(page, ADAM, "/inbox");
  const before = await unread(page);
  await entry(page).getByText("Unread", { exact: true }).waitFor();
  await entry(page).getByRole("link", { name: WELCOME }).click();
  await page.getByRole("heading", { level: 1, name: "Profile" }).waitFor();
  assert.equal(await unread(page), before, "a link is only a link");
  await inboxLink(page).click();

  await page.getByRole("navigation", { name: "Which items" }).getByRole("link", { name: /^Unread/ }).click();
  await page.getByRole("button", { name: new RegExp(`^Mark as read ?: ${WELCOME}$`) }).click();
  await page.getByRole("status").filter({ hasText: "Marked as read." }).waitFor();
  assert.equal(pathOf(page), "/inbox");
  assert.equal(await entry(page).count(), 0, "it is not among the unread any more");
  assert.equal(await unread(page), before - 1);
  await page.getByRole("navigation", { name: "Which items" }).getByRole("link", { name: "All", exact: true }).click();
  await entry(page).waitFor();
  assert.equal(await entry(page).getByText("Unread", { exact: true }).count(), 0, "it stays, and is read");
  await goTo(page, "Teams");
});

scene("What a person is told is mailed to them, readable by itself, with a link that leads there", async (open) => {
  const mail = await latestMailTo("mia.moreau@northwind.example", ({ subject }) => subject === WELCOME);
  assert.equal(mail.headers["auto-submitted"], "auto-generated");
  assert.match(mail.text, /You were made a member of Northwind Trading/);
  assert.equal(linkIn(mail, HOME), "/profile");
  assert.doesNotMatch(mail.html, /<(img|script|link)\b|url\(/);

  // As a mail program shows it, which loads nothing.
  const shown = await open({ scripting: false });
  await shown.setContent(mail.html);
  await shown.getByRole("heading", { level: 1, name: WELCOME }).waitFor();
  assert.equal(await shown.getByRole("link", { name: "Open in Stoa" }).getAttribute("href"), `${HOME}/profile`);

  const page = await open();
  await signIn(page, MIA, linkIn(mail, HOME));
  await page.getByRole("heading", { level: 1, name: "Profile" }).waitFor();
});
