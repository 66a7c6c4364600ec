// The first hour of an owner: from signing in for the first time to a colleague, a key, a first call and a cap.

import assert from "node:assert/strict";

import { HOME } from "../support/chromium.js";
import { addressOf, endTeam, invitationTo, thenEnd } from "../support/fresh-team.js";
import { linkIn } from "../support/mail.js";
import { MIA, NICO } from "../support/people.js";
import { newName } from "../support/rename.js";
import { cellsOf, story, valueOf } from "../support/story.js";
import { call, makeKey } from "../support/story-keys.js";

const firstSteps = (nico) => nico.section("First steps").getByRole("link");

// The newcomer has an account of their own at once, and a workspace in it.
async function comeIn(nico) {
  await nico.signIn(NICO);
  await nico.arrive("My workspace");
  assert.equal(await valueOf(nico.main, "Your role").innerText(), "owner");
  assert.equal(await valueOf(nico.main, "Team").innerText(), NICO);
}

async function makeTeam(nico, name) {
  await nico.goTo("Teams");
  const own = (await cellsOf(nico.table("Your teams"))).find(([team]) => team === NICO);
  assert.deepEqual(own.slice(1, 3), ["Personal", "owner"]);
  await nico.follow("Create team");
  await nico.arrive("Create a team");
  await nico.write("Name", `${name} Team`);
  await nico.send("Create team");
  await nico.arrive("Workspaces");
  await nico.told(`The team ${name} Team is there. Create its first workspace.`);
  return nico.path.replace(/\/workspaces$/, "");
}

async function makeWorkspace(nico, name) {
  await nico.follow("Create your first workspace");
  await nico.arrive("Create workspace");
  await nico.write("Name", name);
  await nico.send("Create workspace");
  await nico.arrive(name);
  await nico.told("The workspace is created, and you are its owner.");
  assert.deepEqual(await firstSteps(nico).allInnerTexts(), ["Invite your colleagues", "Create an API key", "Make your first call"]);
  return nico.path;
}

async function invite(nico, name) {
  await nico.follow(firstSteps(nico).filter({ hasText: "Invite" }));
  await nico.arrive("Invite people");
  await nico.write("E-mail addresses", addressOf(MIA));
  await nico.choose("member");
  await nico.send("Invite");
  await nico.arrive("Invited");
  assert.deepEqual((await cellsOf(nico.table("What became of each address")))[0].slice(0, 2), [addressOf(MIA), "Invited"]);
  await nico.goTo("Overview", name);
  assert.ok(!(await firstSteps(nico).allInnerTexts()).includes("Invite your colleagues"), "a step that is done goes");
}

async function accept(mia, name) {
  const mail = await invitationTo(MIA, name);
  await mia.page.goto(linkIn(mail, HOME));
  await mia.arrive(`Join ${name}`);
  assert.equal(mia.path, "/invitation", "the secret has left the address");
  await mia.follow(mia.page.getByRole("link", { name: "Sign in to accept" }));
  await mia.follow(mia.page.getByRole("link", { name: "Continue to sign in" }));
  await mia.chooseAtProvider(MIA);
  await mia.arrive(`Join ${name}`);
  await mia.send(mia.page.getByRole("button", { name: "Accept invitation" }));
  await mia.arrive(name);
  await mia.told(`You are now in ${name} as member.`);
}

async function seeWhoCame(nico) {
  await nico.goTo("Members");
  const people = await cellsOf(nico.table("Members of this workspace"));
  assert.deepEqual(people.map(([person, , role]) => [person, role]).toSorted(), [[MIA, "member"], [`${NICO} (you)`, "owner"]]);
}

// A workspace starts with its modules on: one goes off by way of what stops, and on by a click.
async function switchModule(nico) {
  await nico.goTo("Modules");
  const row = nico.table("Modules").getByRole("row", { name: /^Tasks/ });
  await nico.follow(row.getByRole("link", { name: /^Switch off/ }));
  await nico.arrive("Switch off Tasks");
  await nico.send("Switch off");
  await nico.arrive("Tasks");
  await nico.told("Tasks is off.");
  await nico.send("Switch on");
  await nico.arrive("Tasks");
  await nico.told("Tasks is on. Its calls run from the next one on.");
  assert.equal(await valueOf(nico.section("State"), "State").innerText(), "on");
}

// By the command that stands on the Overview, as a shell would understand it.
async function callAsShown(nico, name, key, secret) {
  await nico.goTo("Overview", name);
  assert.deepEqual(await firstSteps(nico).allInnerTexts(), ["Make your first call"]);
  const command = await valueOf(nico.section("API"), "First call").locator("code").innerText();
  const [, header, url] = /^curl -H "([^"]+)" (\S+)$/.exec(command);
  const [field, value] = header.replace("$STOA_KEY", secret).split(": ");
  const answer = await fetch(url, { headers: { [field]: value } });
  assert.equal(answer.status, 200);
  const { data } = await answer.json();
  assert.deepEqual([data.key.name, data.workspace.name], [key, name]);
  await nico.goTo("Overview", name);
  assert.equal(await nico.section("First steps").count(), 0, "nothing is left to begin with");
}

// What is written is counted and in the log, by the same request's id.
async function seeItCounted(nico, key, secret) {
  const added = await call(secret, "POST", "/tasks", { title: "Ring the harbour master" });
  assert.equal(added.status, 201);
  await nico.goTo("Usage");
  assert.match(await valueOf(nico.main, "In this time").innerText(), /^1 event · \$/);
  await nico.follow(nico.main.getByRole("navigation", { name: "Usage" }).getByRole("link", { name: "Events" }));
  await nico.arrive("Usage events");
  const [event] = await cellsOf(nico.table("Usage events"));
  assert.match(event[1], /^tasks\.create /);
  assert.equal(event[2], `${key} Nico Nakamura`, "and who answers for it");
  await nico.follow(nico.table("Usage events").getByRole("link"));
  await nico.arrive("Audit Log");
  const [row] = await cellsOf(nico.table("Audit rows"));
  assert.deepEqual([row[2], row[3]], ["record.task.created", "Ring the harbour master task"]);
}

async function seeTheDay(nico) {
  await nico.goTo("Audit Log");
  const actions = (await cellsOf(nico.table("Audit rows"))).map((row) => row[2]);
  for (const action of ["workspace.created", "invitation.created", "member.added", "module.disabled", "module.enabled", "api_key.created"]) {
    assert.ok(actions.includes(action), `${action} is in the log: ${actions}`);
  }
}

async function bound(nico, name) {
  await nico.goTo("Billing");
  assert.match(await nico.main.innerText(), /Developer[\s\S]*a month/);
  assert.match((await cellsOf(nico.table("Used by workspace")))[0][0], new RegExp(name));
  await nico.pick("Cap what", new RegExp(`^All of ${name} Team: `));
  await nico.write("Amount", "25.50");
  await nico.choose("Refuses");
  await nico.send("Set cap");
  await nico.arrive("Billing");
  await nico.told("The cap is saved.");
  const [cap] = await cellsOf(nico.table("Caps"));
  assert.deepEqual(cap.slice(1, 3), ["refuses billable calls", "$25.50"]);
}

async function lookAtSecurity(nico, workspace) {
  await nico.follow(nico.page.getByRole("banner").getByRole("link", { name: "Stoa, home" }));
  await nico.page.waitForURL(`**${workspace}`);
  await nico.goTo("Settings");
  await nico.follow("Security");
  await nico.arrive("Security");
  await nico.button("Review the change").waitFor();
}

story("The first hour of an owner", async ({ enter, open }) => {
  const name = newName("Harbour");
  const nico = await enter();
  await comeIn(nico);
  const team = await makeTeam(nico, name);
  await thenEnd(async () => {
    const workspace = await makeWorkspace(nico, name);
    await invite(nico, name);
    await accept(await enter(), name);
    await seeWhoCame(nico);
    await switchModule(nico);
    const secret = await makeKey(nico, "Dock scheduler", ["tasks:read", "tasks:write"]);
    await callAsShown(nico, name, "Dock scheduler", secret);
    await seeItCounted(nico, "Dock scheduler", secret);
    await seeTheDay(nico);
    await bound(nico, name);
    await lookAtSecurity(nico, workspace);
  }, () => endTeam(open, NICO, team));
});
