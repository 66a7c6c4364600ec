// A team that nobody else's test knows, with one workspace; made and ended by forms without their pages, which is quick.

import assert from "node:assert/strict";

import { HOME } from "./chromium.js";
import { formKeyOf } from "./form-key.js";
import { latestMailTo, linkIn } from "./mail.js";
import { NICO, signIn } from "./people.js";

const states = new Map();

// A browser in which somebody is signed in, who signs in once in a file.
async function browserOf(open, person) {
  if (states.has(person)) return (await open({ storageState: states.get(person) })).request;
  const page = await open();
  await signIn(page, person);
  states.set(person, await page.context().storageState());
  return page.request;
}

// Made by `owner`, with `colleagues`: people, each with the role they come to have.
export async function freshTeam(open, owner, name, colleagues) {
  const browser = await browserOf(open, owner);
  const personal = /\/t\/[^/"]+\/teams/.exec(await textOf(browser, "/"))[0];
  const team = (await send(browser, `${personal}/new`, { name: `${name} Team` })).replace(/\/workspaces$/, "");
  const workspace = await send(browser, `${team}/workspaces/new`, { name });
  await Promise.all(Object.entries(colleagues).map(async ([person, role]) => {
    await send(browser, `${workspace}/members/invite`, { addresses: addressOf(person), role });
    await accept(await browserOf(open, person), linkIn(await invitationTo(person, name), HOME));
  }));
  return { team, workspace, name };
}

async function accept(browser, link) {
  await textOf(browser, link);
  await send(browser, "/invitation", { place: hidden(await textOf(browser, "/invitation"), "place") });
}

// A key of `owner`'s making, and its secret. Who answers for it is named by `steward`.
export async function freshKey(open, owner, { workspace, name, scopes, steward = owner }) {
  const browser = await browserOf(open, owner);
  const form = await textOf(browser, `${workspace}/api-keys/new`);
  const [, id] = new RegExp(`<option value="([^"]+)"[^>]*>${steward} `).exec(form);
  const made = await browser.post(`${workspace}/api-keys/new`, {
    form: scopes.reduce((fields, scope) => fields.append("scopes", scope) ?? fields, formOf(workspace, { name, steward: id, expires_in_days: "90" })),
  });
  assert.equal(made.status(), 200);
  return /stoa_key_live_[0-9A-Za-z]+_[0-9A-Za-z]+/.exec(await made.text())[0];
}

export function addressOf(person) {
  const domain = person === NICO ? "example.net" : "northwind.example";
  return `${person.toLowerCase().replace(" ", ".")}@${domain}`;
}

export function invitationTo(person, workspace) {
  return latestMailTo(addressOf(person), ({ subject }) => subject.endsWith(` invites you to ${workspace}`));
}

// Whatever became of the story, its team goes; what went wrong first is what is told.
export async function thenEnd(play, end) {
  try {
    await play();
  } catch (error) {
    await end().catch(() => {});
    throw error;
  }
  await end();
}

// Archives the workspaces of a team, and deletes it.
export async function endTeam(open, owner, team) {
  const browser = await browserOf(open, owner);
  const live = (await textOf(browser, `${team}/workspaces`)).matchAll(/<th scope="row"><a [^>]*href="(\/w\/[^"/]+)"/g);
  for (const [, workspace] of live) await endBy(browser, `${workspace}/settings/archive`, workspace);
  await endBy(browser, `${team}/settings/delete`, team);
}

// By a page that counts what ends, and the words to be typed there.
async function endBy(browser, address, place) {
  const inventory = hidden(await textOf(browser, address), "inventory");
  await send(browser, address, { inventory, phrase: `delete ${place.slice(3)}` });
}

async function textOf(browser, address) {
  const answer = await browser.get(address);
  assert.equal(answer.status(), 200, address);
  return answer.text();
}

// Sends a form, and returns where the answer leads.
async function send(browser, address, fields) {
  const answer = await browser.post(address, { form: formOf(address, fields), maxRedirects: 0 });
  assert.ok([200, 303].includes(answer.status()), `${address}: ${answer.status()}`);
  return answer.headers().location;
}

function formOf(address, fields) {
  const form = new FormData();
  const all = { form: formKeyOf(new Date()), place: address.split("/")[2], ...fields };
  for (const [name, value] of Object.entries(all)) form.append(name, value);
  return form;
}

function hidden(html, name) {
  return new RegExp(`name="${name}" value="([^"]+)"`).exec(html.slice(html.indexOf("<main")))[1];
}
