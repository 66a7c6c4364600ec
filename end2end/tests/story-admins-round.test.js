// The round of an admin: members, keys, modules and usage, as they come in the course of a day.

import assert from "node:assert/strict";

import { HOME } from "../support/chromium.js";
import { expectStatus } from "../support/complaints.js";
import { addressOf, endTeam, freshKey, freshTeam, invitationTo, thenEnd } from "../support/fresh-team.js";
import { latestMailTo, linkIn } from "../support/mail.js";
import { ADAM, MIA, NICO, OLIVIA } from "../support/people.js";
import { newName } from "../support/rename.js";
import { cellsOf, story, valueOf } from "../support/story.js";
import { assertFileIsTable, call, makeKey } from "../support/story-keys.js";

// Made by the owner before: the admin is told of it.
const PAYROLL = "Payroll export";
const SYNC = "Billing sync";
const IMPORT = "Nightly import";

async function changeRole(adam, role) {
  await adam.choose(role);
  await adam.send("Save role");
  await adam.arrive(MIA);
  await adam.told(`${MIA} is now ${role}.`);
}

async function lookAfterMembers(adam) {
  await adam.goTo("Members");
  await adam.follow(MIA);
  await adam.arrive(MIA);
  await changeRole(adam, "readonly");
  await changeRole(adam, "member");
}

// Whoever lost the mail gets another link, and the lost one opens nothing.
async function inviteTwice(adam, stranger, name) {
  await adam.goTo("Members");
  await adam.follow("Invite people");
  await adam.arrive("Invite people");
  await adam.write("E-mail addresses", addressOf(NICO));
  await adam.choose("readonly");
  await adam.send("Invite");
  await adam.arrive("Invited");
  await adam.follow("All invitations");
  await adam.arrive("Invitations");
  await adam.follow(addressOf(NICO));
  await adam.arrive(addressOf(NICO));
  const lost = linkIn(await invitationTo(NICO, name), HOME);
  await adam.send("Resend by mail");
  await adam.arrive(addressOf(NICO));
  await adam.told(`A new link is on its way to ${addressOf(NICO)}.`);
  await latestMailTo(addressOf(NICO), (mail) => mail.subject.endsWith(name) && linkIn(mail, HOME) !== lost);
  expectStatus(stranger.page, 404);
  await stranger.page.goto(lost);
  await stranger.arrive("This link opens nothing");
}

async function findKey(adam, key) {
  await adam.goTo("API Keys");
  await adam.write("Name, id or last four", key.slice(0, 6));
  await adam.send("Apply");
  await adam.arrive("API Keys");
  assert.deepEqual((await cellsOf(adam.table("API keys"))).map(([name]) => name), [key]);
  await adam.follow(key);
  await adam.arrive(key);
}

async function narrow(adam, secret) {
  assert.equal((await call(secret, "GET", "/members")).status, 200);
  await adam.untick("members:read");
  await adam.send("Narrow scopes");
  await adam.arrive(SYNC);
  await adam.told("The key's scopes are narrowed.");
  const refused = await call(secret, "GET", "/members");
  assert.deepEqual([refused.status, refused.code], [403, "missing_required_scope"]);
}

async function rotate(adam, old) {
  await adam.pick("The old secret goes on working", "1 day");
  await adam.send("Rotate key");
  await adam.arrive(`The key “${SYNC}” has a new secret`);
  const secret = await adam.field("API key").inputValue();
  assert.notEqual(secret, old);
  for (const each of [old, secret]) assert.equal((await call(each, "GET", "/tasks")).status, 200, "both work");
  await adam.follow("I have stored it");
  await adam.arrive(SYNC);
  assert.deepEqual((await cellsOf(adam.table("Secrets of this key"))).map(([, state]) => state), ["current", "old one"]);
  return secret;
}

async function stopAndLift(adam, secrets) {
  await adam.write("Reason", "Calls from an unknown network");
  await adam.send("Quarantine key");
  await adam.arrive(SYNC);
  await adam.told("The key is quarantined.");
  assert.match(await valueOf(adam.section("The key"), "Status").innerText(), /quarantined\s+Calls from an unknown network/);
  for (const each of secrets) {
    const refused = await call(each, "GET", "/tasks");
    assert.deepEqual([refused.status, refused.code], [401, "unauthorized"]);
  }
  await adam.send("Lift quarantine");
  await adam.arrive(SYNC);
  await adam.told("The key works again.");
  assert.equal((await call(secrets[1], "GET", "/tasks")).status, 200);
}

async function revoke(adam, secret) {
  await adam.follow("Revoke …");
  await adam.arrive(`Revoke ${SYNC}`);
  const stops = await adam.section("What this does").innerText();
  assert.match(stops, /Stops\s+2 secrets that work now\s+2 scopes: tasks:read, tasks:write/);
  await adam.write(`Type “${SYNC}” to confirm`, SYNC);
  await adam.send("Revoke key");
  await adam.arrive(SYNC);
  await adam.told("The key is revoked.");
  assert.equal((await call(secret, "GET", "/tasks")).status, 401);
}

async function lookAfterKeys(adam) {
  const first = await makeKey(adam, SYNC, ["members:read", "tasks:read", "tasks:write"]);
  const nightly = await makeKey(adam, IMPORT, ["tasks:read", "tasks:write"], MIA);
  await findKey(adam, SYNC);
  await narrow(adam, first);
  const second = await rotate(adam, first);
  await stopAndLift(adam, [first, second]);
  await revoke(adam, second);
  return nightly;
}

// What was made by whoever goes is named before, and stays with who removes them.
async function removeMia(adam, nightly) {
  await adam.goTo("Members");
  await adam.follow(MIA);
  await adam.arrive(MIA);
  await adam.follow("Remove …");
  await adam.arrive(`Remove ${MIA}`);
  assert.match(await adam.section("What they made here").innerText(), new RegExp(`1 API key: ${IMPORT}`));
  await adam.choose("Hand over to me");
  await adam.send("Remove member");
  await adam.arrive("Members");
  await adam.told(`${MIA} is no longer a member.`);
  assert.equal((await call(nightly, "GET", "/tasks")).status, 200);
  await findKey(adam, IMPORT);
  assert.match(await valueOf(adam.section("The key"), "Steward").innerText(), new RegExp(ADAM));
}

async function switchTasks(adam, nightly) {
  await adam.goTo("Modules");
  await adam.follow("Tasks");
  await adam.arrive("Tasks");
  await adam.follow("Switch off …");
  await adam.arrive("Switch off Tasks");
  assert.match(await adam.section("What this does").innerText(), /1 credential loses the effect of these scopes/);
  assert.deepEqual((await cellsOf(adam.section("API keys and MCP tokens").getByRole("table"))).map(([key]) => key), [IMPORT]);
  await adam.send("Switch off");
  await adam.arrive("Tasks");
  await adam.told("Tasks is off.");
  const refused = await call(nightly, "GET", "/tasks");
  assert.deepEqual([refused.status, refused.code], [403, "module_not_enabled"]);
  await adam.send("Switch on");
  await adam.arrive("Tasks");
  await adam.told("Tasks is on.");
  assert.equal((await call(nightly, "POST", "/tasks", { title: "Count the crates" })).status, 201);
}

async function readUsage(adam) {
  await adam.goTo("Usage");
  await adam.pick("Time", "Last 24 hours");
  await adam.pick("Split by", "Credential");
  await adam.send("Apply");
  await adam.arrive("Usage");
  const rows = await assertFileIsTable(adam);
  const keys = new Set(rows.map((row) => row.credential_name));
  assert.ok(keys.has(SYNC) && keys.has(IMPORT), `also the one that ended: ${[...keys]}`);
}

async function readInbox(adam) {
  const says = `You answer for the new API key “${PAYROLL}”`;
  await adam.follow(adam.page.getByRole("banner").getByRole("link", { name: /^Inbox/ }));
  await adam.arrive("Inbox");
  const newest = adam.main.getByRole("listitem").filter({ hasText: says }).first();
  await adam.send(newest.getByRole("button", { name: /^Mark as read/ }));
  await adam.arrive("Inbox");
  await adam.told("Marked as read.");
  assert.equal(await newest.getByRole("button").count(), 0);
  await adam.follow(newest.getByRole("link", { name: says }));
  await adam.arrive(PAYROLL);
}

async function findByName(adam, way, workspace) {
  await adam.page.goto(workspace);
  await adam.press(adam.page.getByRole("banner").getByRole("link", { name: /^Search/ }));
  if (way === "plain") {
    await adam.arrive("Search");
    await adam.write("Look for", `#${IMPORT}`);
    await adam.send("Search");
    await adam.follow(adam.main.getByRole("link", { name: new RegExp(`^${IMPORT}`) }));
  } else {
    const palette = adam.page.getByRole("dialog", { name: "Search" });
    await palette.getByRole("option").first().waitFor();
    await adam.page.keyboard.type(`#${IMPORT}`);
    await palette.getByRole("option", { selected: true }).filter({ hasText: IMPORT }).waitFor();
    await adam.page.keyboard.press("Enter");
  }
  await adam.arrive(IMPORT);
}

story("The round of an admin", async ({ enter, open, way }) => {
  const { team, workspace, name } = await freshTeam(open, OLIVIA, newName("Quay"), { [ADAM]: "admin", [MIA]: "member" });
  await thenEnd(async () => {
    await freshKey(open, OLIVIA, { workspace, name: PAYROLL, scopes: ["members:read"], steward: ADAM });
    const adam = await enter();
    await adam.signIn(ADAM, workspace);
    await adam.arrive(name);
    await lookAfterMembers(adam);
    await inviteTwice(adam, await enter(), name);
    const nightly = await lookAfterKeys(adam);
    await removeMia(adam, nightly);
    await switchTasks(adam, nightly);
    await readUsage(adam);
    await readInbox(adam);
    await findByName(adam, way, workspace);
  }, () => endTeam(open, OLIVIA, team));
});
