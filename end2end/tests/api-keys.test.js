// API keys: made, shown once, used, narrowed down in the list, and ended; and all of that without scripting too.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { HOME } from "../support/chromium.js";
import { ADAM, ARIA, OLIVIA, signIn } from "../support/people.js";
import { newKey, northwind, openKeys, secretOf } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

// As an application calls, without the browser's cookies.
async function me(secret) {
  const answer = await fetch(`${HOME}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
  return { status: answer.status, body: await answer.json() };
}

async function keysOf(open, person, options) {
  const { production } = await northwind(open);
  const page = await open(options);
  await signIn(page, person, production);
  await openKeys(page);
  return page;
}

async function revoke(page, name) {
  await page.getByRole("link", { name: "Revoke …" }).click();
  await heading(page, `Revoke ${name}`).waitFor();
  await page.getByLabel(/^Type “/).fill(name);
  await page.getByRole("button", { name: "Revoke key" }).click();
  await page.getByRole("status").filter({ hasText: "The key is revoked." }).waitFor();
}

for (const scripting of [true, false]) {
  scene(`A key is made, seen once, used, and ended, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const page = await keysOf(open, ADAM, { scripting });
    const name = await newKey(page, scripting ? "Nightly import" : "Plain import");
    const secret = await secretOf(page);
    assert.match(secret, /^stoa_key_live_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/);
    const works = await me(secret);
    assert.equal(works.status, 200);
    assert.deepEqual(works.body.data.key.scopes, ["members:read", "audit:read"]);

    await page.getByRole("link", { name: "I have stored it" }).click();
    await heading(page, name).waitFor();
    assert.ok(!(await page.content()).includes(secret.slice(40, 70)), "the secret is gone");
    assert.ok(!page.url().includes("stoa_key"), "and was in no address");
    await revoke(page, name);
    const ended = await me(secret);
    assert.equal(ended.status, 401);
    assert.match(ended.body.error.message, /revoked/);
  });
}

scene("The list is narrowed down by its address, and the last four characters find a key", async (open) => {
  const page = await keysOf(open, OLIVIA);
  const name = await newKey(page, "Searched for");
  const secret = await secretOf(page);
  await openKeys(page);
  await page.getByLabel("Name, id or last four").fill(secret.slice(-4));
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("table", { name: "API keys" }).getByRole("link", { name, exact: true }).click();
  await heading(page, name).waitFor();
  await page.getByLabel("Reason").fill("Only a trial");
  await page.getByRole("button", { name: "Quarantine key" }).click();
  await page.getByRole("status").filter({ hasText: "The key is quarantined." }).waitFor();
  assert.equal((await me(secret)).status, 401);
  await revoke(page, name);
});

scene("An auditor reads every key and can change none", async (open) => {
  const page = await keysOf(open, ARIA);
  assert.equal(await page.getByRole("link", { name: "Create key" }).count(), 0);
  assert.equal(await page.getByRole("main").locator("form:not([method=get])").count(), 0);
});
