// MCP clients: a token is made, seen once, and a client of another maker connects with it, in both revisions of the protocol; then it is
// ended, and the next request is refused. All of that without scripting too.

import assert from "node:assert/strict";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { scene } from "../support/browser.js";
import { ADAM, ARIA, signIn } from "../support/people.js";
import { goTo, northwind } from "../support/ways.js";

const REVISIONS = { legacy: "2025-11-25", auto: "2026-07-28" };

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

async function clientsOf(open, person, options) {
  const { production } = await northwind(open);
  const page = await open(options);
  await signIn(page, person, production);
  await goTo(page, "MCP Clients");
  await heading(page, "MCP Clients").waitFor();
  return page;
}

async function newToken(page, word) {
  const name = `${word} ${Date.now().toString(36)}`;
  await page.getByRole("link", { name: "Create token", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  for (const scope of ["tasks:read", "tasks:write", "members:read"]) await page.getByLabel(scope, { exact: true }).check();
  assert.equal(await page.getByLabel("credentials:write", { exact: true }).count(), 0, "no tool asks for it");
  await page.getByRole("button", { name: "Create token" }).click();
  await heading(page, `The token “${name}” is created`).waitFor();
  return { name, secret: await page.getByLabel("MCP token", { exact: true }).inputValue() };
}

async function connect(endpoint, secret, mode) {
  const client = new Client({ name: "end2end", version: "1.0.0" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${secret}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint), { requestInit }));
  return client;
}

for (const scripting of [true, false]) {
  scene(`A client connects with a token until that ends, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const page = await clientsOf(open, ADAM, { scripting });
    const endpoint = await page.getByRole("main").locator("code", { hasText: "/mcp/" }).first().textContent();
    const { name, secret } = await newToken(page, "Agent");
    assert.match(secret, /^stoa_mcp_live_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/);
    await page.getByText("Codex", { exact: true }).click();
    const told = await page.getByRole("region", { name: "What Codex is told" }).textContent();
    assert.ok(told.includes(endpoint) && !told.includes("_live_"), told);

    const title = `Asked by ${name}`;
    for (const [mode, revision] of Object.entries(REVISIONS)) {
      const client = await connect(endpoint, secret, mode);
      assert.equal(client.getNegotiatedProtocolVersion(), revision);
      const { tools } = await client.listTools();
      const names = tools.map((tool) => tool.name);
      assert.deepEqual(names.slice(0, 3), ["search_records", "get_record", "list_records"]);
      assert.ok(names.includes("tasks_create") && names.includes("members_list") && !names.includes("audit_log_list"), names.join(" "));
      // The client holds the answer to the tool's output schema.
      const made = await client.callTool({ name: "tasks_create", arguments: { title, idempotency_key: name } });
      assert.equal(made.structuredContent.data.title, title);
      const found = await client.callTool({ name: "search_records", arguments: { resource: "tasks", q: title } });
      assert.equal(found.structuredContent.data.length, 1, "the same key makes nothing again");
      const refused = await client.callTool({ name: "audit_log_list", arguments: {} });
      assert.equal(refused.isError, true);
      assert.equal(JSON.parse(refused.content[0].text).error.required_scope, "audit:read");
      await client.close();
    }

    await page.getByRole("link", { name: "I have stored it" }).click();
    await heading(page, name).waitFor();
    assert.ok(!(await page.content()).includes(secret.slice(40, 70)), "the secret is gone");
    await page.getByRole("link", { name: "Revoke …" }).click();
    await page.getByLabel(/^Type “/).fill(name);
    await page.getByRole("button", { name: "Revoke token" }).click();
    await page.getByRole("status").filter({ hasText: "The token is revoked." }).waitFor();
    await assert.rejects(connect(endpoint, secret, "auto"), /401|Unauthorized|revoked/i);
  });
}

for (const scripting of [true, false]) {
  scene(`All agents are paused and let in again, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const page = await clientsOf(open, ADAM, { scripting });
    const endpoint = await page.getByRole("main").locator("code", { hasText: "/mcp/" }).first().textContent();
    const { secret } = await newToken(page, "Paused agent");
    const client = await connect(endpoint, secret, "auto");
    const paused = page.getByText(/All agents are paused since/);
    const turn = async (says, done) => {
      await goTo(page, "MCP Clients");
      await page.getByRole("link", { name: says, exact: true }).click();
      await heading(page, says).waitFor();
      await page.getByRole("button", { name: says, exact: true }).click();
      await page.getByRole("status").filter({ hasText: done }).waitFor();
    };
    await turn("Pause all agents", "All agents are paused, from their next call on.");
    assert.equal(await paused.count(), 1);
    try {
      const refused = await client.callTool({ name: "tasks_list", arguments: {} });
      assert.equal(JSON.parse(refused.content[0].text).error.code, "policy_denied");
      await assert.rejects(connect(endpoint, secret, "auto"), /403|paused/i);
    } finally {
      await turn("Let agents in again", "Agents are let in again.");
    }
    assert.equal(await paused.count(), 0);
    assert.ok(!(await client.callTool({ name: "tasks_list", arguments: {} })).isError);
    await client.close();
  });
}

scene("An auditor sees every token and can change none", async (open) => {
  const page = await clientsOf(open, ARIA);
  await page.getByRole("table", { name: "MCP tokens" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Create token" }).count(), 0);
  assert.equal(await page.getByRole("main").locator("form:not([method=get])").count(), 0);
});
