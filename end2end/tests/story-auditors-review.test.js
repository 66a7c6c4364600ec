// The review of an auditor, who reads everything, changes nothing, and leaves with files that say what the pages say.

import assert from "node:assert/strict";

import { expectStatus } from "../support/complaints.js";
import { readCsv } from "../support/csv.js";
import { addressOf, endTeam, freshKey, freshTeam, thenEnd } from "../support/fresh-team.js";
import { ARIA, MIA, OLIVIA } from "../support/people.js";
import { newName } from "../support/rename.js";
import { cellsOf, story, valueOf } from "../support/story.js";
import { assertFileIsTable, call } from "../support/story-keys.js";

const KEY = "Ledger export";
const TASK = "Reconcile October";

// What there is to review: a key, its calls, one that was refused, and who did what.
async function prepare(open, workspace) {
  const secret = await freshKey(open, OLIVIA, { workspace, name: KEY, scopes: ["members:read", "tasks:write"] });
  assert.equal((await call(secret, "POST", "/tasks", { title: TASK })).status, 201);
  assert.equal((await call(secret, "GET", "/members")).status, 200);
  assert.equal((await call(secret, "GET", "/api-keys")).status, 403);
}

// What of a page could change something. Filters only ask, copying stays in the browser, and neither a search nor looking on is a change.
function mutating(page) {
  return page.evaluate(() => {
    // A filter has a field called action, which hides the form's own.
    const addressOf = (form) => new URL(form.getAttribute("action"), location.href).pathname;
    const isHarmless = (form) => form.method === "get" || ["/sign-out", "/theme"].includes(addressOf(form)) || addressOf(form).endsWith("/search");
    const forms = [...document.forms].filter((form) => !isHarmless(form)).map(addressOf);
    const buttons = [...document.querySelectorAll("main button, main input:not([type=hidden]), main select, main textarea")]
      .filter((control) => !control.form && !control.matches("[data-copy], [data-live] *, [readonly]"))
      .map((control) => control.outerHTML);
    return [...forms, ...buttons];
  });
}

// Addresses of one kind: ids, modules, and what a filter asks for make no page of their own.
const kindOf = (address) => {
  const { pathname, searchParams } = new URL(address, "http://stoa");
  const path = pathname.replaceAll(/[a-z]+_[0-9a-z]{26}/g, "…").replace(/\/modules\/\w+/, "/modules/…");
  return `${path}?${[...searchParams.keys()].toSorted().join("&")}`;
};

// To every page of the workspace that a page of it leads to.
async function readEverything(aria, workspace) {
  const known = new Map([[kindOf(workspace), workspace]]);
  // Going oneself is no change of the workspace, and neither is what one looks for oneself: each has a page of its own.
  const isOwn = (kind) => [`${workspace}/members/leave?`, `${workspace}/audit-log/views/new?`].some((own) => kind.startsWith(own));
  for (const [kind, address] of known) {
    const answer = await aria.page.goto(address);
    assert.equal(answer.status(), 200, address);
    await aria.arrive(await aria.page.getByRole("heading", { level: 1 }).innerText());
    if (!isOwn(kind)) assert.deepEqual(await mutating(aria.page), [], address);
    const links = await aria.page.locator("a[href]:not([download])").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    for (const link of links.filter((href) => href.startsWith(workspace) && !href.includes(".csv"))) {
      if (!known.has(kindOf(link))) known.set(kindOf(link), link);
    }
  }
  const pages = new Set([...known.keys()].map((kind) => kind.replace(/\?.*/, "").replace(workspace, "")));
  for (const page of ["", "/usage", "/usage/events", "/audit-log", "/audit-log/views", "/audit-log/streams", "/members", "/members/invitations", "/members/mail", "/api-keys",
    "/modules", "/modules/…", "/settings", "/settings/security", "/settings/retention", "/settings/spend", "/settings/support-access", "/search"]) {
    assert.ok(pages.has(page), `a page leads to ${page}: ${[...pages]}`);
  }
}

async function findCreation(aria) {
  await aria.goTo("Audit Log");
  await aria.pick("Action", "api_key.created");
  await aria.write("Target: id or part of the name", KEY.slice(0, 6));
  await aria.send("Apply");
  await aria.arrive("Audit Log");
  await aria.main.getByText("2 filters are active.").waitFor();
  const rows = await cellsOf(aria.table("Audit rows"));
  assert.deepEqual(rows.map(([, actor, action, target, outcome]) => [actor, action, target, outcome]),
    [[`${OLIVIA} user`, "api_key.created", `${KEY} api_key`, "succeeded"]]);
  await aria.follow(aria.table("Audit rows").getByRole("link", { name: "api_key.created" }));
  await aria.arrive("api_key.created");
}

// From one row to all of its request, to all of its actor, and away with the file.
async function followRow(aria) {
  const request = await valueOf(aria.main, "Request id").locator("code").innerText();
  await aria.follow("All of this request");
  await aria.arrive("Audit Log");
  assert.equal(await aria.field("Search").inputValue(), `request:${request}`);
  assert.ok((await cellsOf(aria.table("Audit rows"))).some((row) => row[2] === "api_key.created"));
  await aria.follow(aria.table("Audit rows").getByRole("link", { name: "api_key.created" }));
  await aria.arrive("api_key.created");
  await aria.follow("All by this actor");
  await aria.arrive("Audit Log");
  await assertFileIsLog(aria);
}

async function assertFileIsLog(aria) {
  const shown = (await cellsOf(aria.table("Audit rows"))).map((row) => row.slice(1, 6));
  assert.ok(shown.every(([actor]) => actor.includes(OLIVIA)), `hers, or on her behalf: ${shown.join("\n")}`);
  assert.ok(shown.some(([, action]) => action === "workspace.created"), `to the beginning: ${shown}`);
  const rows = readCsv(await aria.save("Download CSV"));
  const actor = (row) => row.actor_name + (row.on_behalf_of_name && ` for ${row.on_behalf_of_name}`);
  // A permission's own name is its id.
  const target = (row) => (row.target_type !== "permission" && row.target_name) || row.target_id;
  assert.deepEqual(
    rows.map((row) => [`${actor(row)} ${row.actor_type}`, row.action, `${target(row)} ${row.target_type}`, row.outcome, row.channel]),
    shown,
  );
  assert.ok(rows.every((row) => /^[0-9a-f]{64}$/.test(row.leaf_hash)), "each with its proof");
}

async function seeRefusal(aria) {
  await aria.goTo("Audit Log");
  await aria.pick("Outcome", "denied");
  await aria.send("Apply");
  await aria.arrive("Audit Log");
  const rows = await cellsOf(aria.table("Audit rows"));
  assert.ok(rows.some(([, actor]) => actor.startsWith(KEY)), `the refused call is here: ${rows.join("\n")}`);
}

// Returns the key's address.
async function readKeys(aria) {
  await aria.goTo("API Keys");
  const [key] = await cellsOf(aria.table("API keys"));
  assert.deepEqual([key[0], key[3], key[4]], [KEY, OLIVIA, "active"]);
  await aria.follow(KEY);
  await aria.arrive(KEY);
  assert.match(await valueOf(aria.section("The key"), "Steward").innerText(), new RegExp(`${OLIVIA} \\(owner\\)`));
  return aria.path;
}

// Returns the address of a member.
async function readMembers(aria) {
  await aria.goTo("Members");
  const shown = await cellsOf(aria.table("Members of this workspace"));
  const people = shown.map(([name, email, role]) => [name.replace(" (you)", ""), email, role]);
  const known = [[ARIA, "readonly"], [MIA, "member"], [OLIVIA, "owner"]];
  assert.deepEqual(people.toSorted(), known.map(([name, role]) => [name, addressOf(name), role]));
  const rows = readCsv(await aria.save("Download CSV"));
  assert.deepEqual(rows.map(({ name, email, role }) => [name, email, role]), people);
  await aria.follow(MIA);
  await aria.arrive(MIA);
  return aria.path;
}

async function readUsage(aria) {
  await aria.goTo("Usage");
  await aria.pick("Split by", "Credential");
  await aria.send("Apply");
  await aria.arrive("Usage");
  const rows = await assertFileIsTable(aria);
  assert.deepEqual(rows.map((row) => [row.credential_name, row.events]), [[KEY, "2"]]);
}

// Who types the address of what they may not do is told so, why, and whom to ask.
async function tryEverything(aria, workspace, key, member) {
  const closed = [
    ["/api-keys/new", "ManageCredentials", "owner or admin"],
    [`${key.replace(workspace, "")}/revoke`, "ManageCredentials", "owner or admin"],
    ["/members/invite", "ManageMembers", "owner or admin"],
    [`${member.replace(workspace, "")}/remove`, "ManageMembers", "owner or admin"],
    ["/modules/tasks/disable", "ManageModules", "owner or admin"],
    ["/settings/archive", "ArchiveWorkspace", "owner or admin"],
    ["/settings/transfer", "TransferWorkspace", "owner"],
  ];
  expectStatus(aria.page, 403);
  for (const [tail, permission, who] of closed) {
    const answer = await aria.page.goto(workspace + tail);
    assert.equal(answer.status(), 403, tail);
    await aria.arrive("You may not do this");
    const says = await aria.main.innerText();
    assert.match(says, new RegExp(`Your role does not let you .+\\. Ask someone with the role ${who}\\.`));
    assert.ok(says.includes(permission), says);
    assert.deepEqual(await mutating(aria.page), [], tail);
  }
  await aria.follow("Back to the console");
  await aria.page.waitForURL(`**${workspace}`);
}

story("The review of an auditor", async ({ enter, open, way }) => {
  const { team, workspace, name } = await freshTeam(open, OLIVIA, newName("Counting House"), { [ARIA]: "readonly", [MIA]: "member" });
  await thenEnd(async () => {
    await prepare(open, workspace);
    const aria = await enter();
    await aria.signIn(ARIA, workspace);
    await aria.arrive(name);
    assert.match(await valueOf(aria.section("About"), "Your role").innerText(), /readonly/);
    await findCreation(aria);
    await followRow(aria);
    await seeRefusal(aria);
    const key = await readKeys(aria);
    const member = await readMembers(aria);
    await readUsage(aria);
    await tryEverything(aria, workspace, key, member);
    if (way !== "keyboard") await readEverything(aria, workspace);
  }, () => endTeam(open, OLIVIA, team));
});
