// API keys and usage, as stories meet them.

import assert from "node:assert/strict";

import { HOME } from "./chromium.js";
import { readCsv } from "./csv.js";
import { cellsOf } from "./story.js";

// From any page of the workspace to a new key's own page. Returns its secret.
export async function makeKey(visitor, name, scopes, steward) {
  await visitor.goTo("API Keys");
  await visitor.follow(visitor.main.getByRole("link", { name: /^Create (the first )?key$/ }).first());
  await visitor.arrive("Create an API key");
  await visitor.write("Name", name);
  for (const scope of scopes) await visitor.tick(scope);
  if (steward) await visitor.pick("Steward", new RegExp(`^${steward} `));
  await visitor.send("Create key");
  await visitor.arrive(`The key “${name}” is created`);
  const secret = await visitor.field("API key").inputValue();
  assert.match(secret, /^stoa_key_live_/);
  await visitor.follow("I have stored it");
  await visitor.arrive(name);
  assert.ok(!(await visitor.page.content()).includes(secret.slice(40, 70)), "a secret is shown once");
  return secret;
}

// As an application calls: without the browser's cookies.
export async function call(secret, method, path, body) {
  const answer = await fetch(`${HOME}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const said = await answer.json();
  return { status: answer.status, code: said.error?.code, data: said.data };
}

// On Usage: the file holds what the table shows, row by row, to the last part of a cent. Returns its rows.
export async function assertFileIsTable(visitor) {
  await visitor.press(visitor.main.getByText("The same as a table"));
  const shown = await cellsOf(visitor.table("What was used"));
  const rows = readCsv(await visitor.save("Download CSV"));
  const fromFile = rows.map((row) => [row.credential_name || "No credential", row.events, Number(row.amount_nanos)]);
  const fromTable = shown.map(([, credential, events, amount]) =>
    [credential, events.replaceAll(",", ""), Math.round(Number(amount.replaceAll(/[$,]/g, "")) * 1e9)]);
  assert.deepEqual(fromFile, fromTable);
  return rows;
}
