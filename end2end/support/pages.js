// The main pages: where each is, what it is headed, and how to bring it before somebody.

import { expectStatus } from "./complaints.js";
import { MIA, switcher } from "./people.js";
import {
  AGENT,
  PICTURED,
  TEAM,
  follow,
  goToAgent,
  goToKey,
  goToReduction,
  goToRemoval,
  goToStream,
  goToView,
  inviteNonsense,
  keepOneKey,
  keepOneRule,
  keepOneStream,
  keepOneView,
  northwind,
  submitEmptyName,
} from "./ways.js";

// `address` is given the places of Northwind. `then` brings the page into a state that has no address.
// `stranger`: seen by somebody who is not signed in. `status`: of the answer, where it is not 200.
// `title`: of the window, where it is not the heading.
export const PAGES = [
  { name: "sign-in", heading: "Sign in", address: () => "/sign-in", stranger: true },
  { name: "signed-out", title: "Signed out", heading: "You are signed out", address: () => "/signed-out", stranger: true },
  { name: "api-reference", heading: "API reference", address: () => "/docs/api", stranger: true },
  {
    name: "api-reference-noun",
    title: "api_keys · API reference",
    heading: "api_keys",
    address: () => "/docs/api/api_keys",
    stranger: true,
  },
  { name: "not-found", heading: "Nothing here", address: () => "/w/nobody-has-this", status: 404 },
  { name: "teams", heading: "Teams", address: ({ team }) => `${team}/teams` },
  { name: "new-team", heading: "Create a team", address: ({ team }) => `${team}/teams/new` },
  { name: "people", heading: "People", address: ({ team }) => `${team}/people` },
  { name: "person", heading: "Mia Moreau", address: ({ team }) => `${team}/people`, then: (page) => follow(page, "Mia Moreau") },
  {
    name: "person-remove",
    heading: "Remove Mia Moreau",
    address: ({ team }) => `${team}/people`,
    then: async (page) => {
      await follow(page, "Mia Moreau");
      await follow(page, "Remove from team");
    },
  },
  { name: "leave-team", heading: `Leave ${TEAM}`, address: ({ team }) => `${team}/people/leave` },
  { name: "team-settings", heading: "Team settings", address: ({ team }) => `${team}/settings` },
  {
    name: "team-settings-error",
    heading: "Team settings",
    address: ({ team }) => `${team}/settings`,
    status: 422,
    then: async (page) => {
      await page.getByRole("textbox", { name: "Allowed domains" }).fill("gmail.com");
      await page.getByRole("button", { name: "Save joining" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "transfer-team", heading: "Hand the team over", address: ({ team }) => `${team}/settings/transfer` },
  { name: "delete-team", heading: `Delete ${TEAM}`, address: ({ team }) => `${team}/settings/delete` },
  { name: "workspaces", heading: "Workspaces", address: ({ team }) => `${team}/workspaces` },
  { name: "workspace-new", heading: "Create workspace", address: ({ team }) => `${team}/workspaces/new` },
  { name: "workspace-archive", heading: "Archive Northwind Production", address: ({ production }) => `${production}/settings/archive` },
  { name: "workspace-move", heading: "Move Northwind Production", address: ({ production }) => `${production}/settings/transfer` },
  { name: "overview", heading: "Northwind Production", address: ({ production }) => production },
  {
    name: "overview-switcher",
    heading: "Northwind Production",
    address: ({ production }) => production,
    then: (page) => switcher(page).click(),
  },
  { name: "settings", heading: "Settings", address: ({ production }) => `${production}/settings` },
  {
    name: "settings-error",
    heading: "Settings",
    address: ({ production }) => `${production}/settings`,
    status: 422,
    then: submitEmptyName,
  },
  { name: "audit-log", heading: "Audit Log", address: ({ production }) => `${production}/audit-log` },
  { name: "audit-log-none", heading: "Audit Log", address: ({ production }) => `${production}/audit-log?actor=nobody+at+all` },
  {
    name: "audit-log-error",
    heading: "Audit Log",
    address: ({ production }) => `${production}/audit-log?q=outcome%3Afine+colour%3Ared&action=member.`,
    status: 422,
  },
  { name: "audit-views", heading: "Saved views", address: ({ production }) => `${production}/audit-log/views`, then: keepOneView },
  { name: "audit-view-new", heading: "New view", address: ({ production }) => `${production}/audit-log/views/new?q=outcome%3Adenied` },
  { name: "audit-view", heading: PICTURED, address: ({ production }) => `${production}/audit-log/views`, then: goToView },
  {
    name: "audit-view-delete",
    heading: `Delete ${PICTURED}`,
    address: ({ production }) => `${production}/audit-log/views`,
    then: async (page) => {
      await goToView(page);
      await page.getByRole("link", { name: "Delete …" }).click();
    },
  },
  { name: "audit-streams", heading: "Audit streams", address: ({ production }) => `${production}/audit-log/streams`, then: keepOneStream },
  { name: "audit-stream-new", heading: "New audit stream", address: ({ production }) => `${production}/audit-log/streams/new` },
  {
    name: "audit-stream-error",
    heading: "New audit stream",
    address: ({ production }) => `${production}/audit-log/streams/new`,
    status: 422,
    then: async (page) => {
      await page.getByLabel("Name", { exact: true }).fill(PICTURED);
      await page.getByLabel("Endpoint", { exact: true }).fill("http://siem.example.com/stoa");
      await page.getByRole("button", { name: "Make stream" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "audit-stream", heading: PICTURED, address: ({ production }) => `${production}/audit-log/streams`, then: goToStream },
  {
    name: "audit-stream-archive",
    heading: `Archive ${PICTURED}`,
    address: ({ production }) => `${production}/audit-log/streams`,
    then: async (page) => {
      await goToStream(page);
      await page.getByRole("link", { name: "Archive …" }).click();
    },
  },
  {
    name: "audit-row",
    title: "workspace.created · Audit Log",
    heading: "workspace.created",
    address: ({ production }) => `${production}/audit-log?action=workspace.created`,
    then: (page) => page.getByRole("link", { name: "workspace.created" }).click(),
  },
  { name: "billing", heading: "Billing", address: ({ team }) => `${team}/billing` },
  { name: "plan", title: "Plan", heading: "Plan", address: ({ team }) => `${team}/billing/plan?to=builder` },
  {
    name: "billing-error",
    heading: "Billing",
    address: ({ team }) => `${team}/billing`,
    status: 422,
    then: async (page) => {
      await page.getByLabel("Amount", { exact: true }).fill("1,50");
      await page.getByRole("button", { name: "Set cap" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "ledger", heading: "Ledger", address: ({ team }) => `${team}/billing/ledger` },
  { name: "ledger-entry", heading: "Ledger entry", address: ({ team }) => `${team}/billing/ledger/1` },
  { name: "top-ups", heading: "Top up", address: ({ team }) => `${team}/billing/top-ups` },
  { name: "invoice", heading: "Invoice", address: ({ team }) => `${team}/billing/invoices/1` },
  { name: "usage", heading: "Usage", address: ({ production }) => `${production}/usage` },
  { name: "usage-hours", heading: "Usage", address: ({ staging }) => `${staging}/usage?range=7d&grain=hour&by=credential` },
  { name: "usage-compared", heading: "Usage", address: ({ production }) => `${production}/usage?by=member&compare=previous&measure=amount` },
  { name: "usage-events", heading: "Usage events", address: ({ production }) => `${production}/usage/events` },
  { name: "data", heading: "Data & Insights", address: ({ production }) => `${production}/data` },
  {
    name: "reduce",
    heading: "Reduce what is stored",
    address: ({ production }) => `${production}/data/reduce?resource=task&act=archive&days=1`,
  },
  {
    name: "reduce-error",
    heading: "Reduce what is stored",
    address: ({ production }) => `${production}/data/reduce?resource=task&act=purge&days=0`,
    status: 422,
  },
  {
    name: "reduce-purge",
    heading: "Reduce what is stored",
    address: ({ production }) => `${production}/data/reduce?resource=activity&act=purge&days=1`,
  },
  { name: "reduction", heading: "Reduction", address: ({ production }) => `${production}/data`, then: goToReduction },
  {
    name: "record-retention",
    heading: "Record retention",
    address: ({ production }) => `${production}/data/retention`,
    then: keepOneRule,
  },
  { name: "record-retention-none", heading: "Record retention", address: ({ staging }) => `${staging}/data/retention` },
  {
    name: "retention-rule",
    heading: "Retention rule",
    address: ({ production }) => `${production}/data/retention/rule?resource=activity&act=purge&days=30`,
  },
  {
    name: "retention-rule-error",
    heading: "Retention rule",
    address: ({ production }) => `${production}/data/retention/rule?resource=activity&act=archive&days=0`,
    status: 422,
  },
  { name: "account-audit", heading: "Account audit", address: ({ team }) => `${team}/audit-log` },
  { name: "members", heading: "Members", address: ({ production }) => `${production}/members` },
  { name: "members-filtered", heading: "Members", address: ({ production }) => `${production}/members?q=nobody-is-called-so` },
  {
    name: "member",
    heading: MIA,
    address: ({ production }) => `${production}/members`,
    then: (page) => page.getByRole("link", { name: MIA, exact: true }).click(),
  },
  { name: "removal", heading: `Remove ${MIA}`, address: ({ production }) => `${production}/members`, then: goToRemoval },
  { name: "leave", heading: "Leave this workspace", address: ({ production }) => `${production}/members/leave` },
  { name: "invitations", heading: "Invitations", address: ({ production }) => `${production}/members/invitations` },
  { name: "invite", heading: "Invite people", address: ({ production }) => `${production}/members/invite` },
  {
    name: "invite-error",
    heading: "Invite people",
    address: ({ production }) => `${production}/members/invite`,
    status: 422,
    then: inviteNonsense,
  },
  { name: "modules", heading: "Modules", address: ({ production }) => `${production}/modules` },
  { name: "module", heading: "Tasks", address: ({ production }) => `${production}/modules/tasks` },
  { name: "module-off", heading: "Switch off Tasks", address: ({ production }) => `${production}/modules/tasks/disable` },
  { name: "api-keys-none", heading: "API Keys", address: ({ staging }) => `${staging}/api-keys` },
  { name: "api-keys", heading: "API Keys", address: ({ production }) => `${production}/api-keys`, then: keepOneKey },
  { name: "api-key-new", heading: "Create an API key", address: ({ production }) => `${production}/api-keys/new` },
  {
    name: "api-key-error",
    heading: "Create an API key",
    address: ({ production }) => `${production}/api-keys/new`,
    status: 422,
    then: async (page) => {
      await page.getByRole("button", { name: "Create key" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "api-key", heading: PICTURED, address: ({ production }) => `${production}/api-keys`, then: goToKey },
  {
    name: "api-key-revoke",
    heading: `Revoke ${PICTURED}`,
    address: ({ production }) => `${production}/api-keys`,
    then: async (page) => {
      await goToKey(page);
      await page.getByRole("link", { name: "Revoke …" }).click();
    },
  },
  { name: "mcp-clients-none", heading: "MCP Clients", address: ({ staging }) => `${staging}/mcp-clients` },
  { name: "mcp-clients", heading: "MCP Clients", address: ({ production }) => `${production}/mcp-clients` },
  {
    name: "mcp-clients-connecting",
    heading: "MCP Clients",
    address: ({ production }) => `${production}/mcp-clients`,
    then: async (page) => {
      for (const program of ["Claude Code", "Codex", "Cursor", "Visual Studio Code"]) {
        await page.getByRole("main").getByText(program, { exact: true }).click();
      }
      await page.getByRole("region", { name: "What Visual Studio Code is told" }).waitFor();
      // Nothing then lies half under the page's head.
      await page.evaluate(() => scrollTo(0, 0));
    },
  },
  { name: "mcp-client-new", heading: "Create an MCP token", address: ({ production }) => `${production}/mcp-clients/new` },
  { name: "mcp-clients-pause", heading: "Pause all agents", address: ({ production }) => `${production}/mcp-clients/pause` },
  { name: "mcp-client", heading: AGENT, address: ({ production }) => `${production}/mcp-clients`, then: goToAgent },
  {
    name: "mcp-client-revoke",
    heading: `Revoke ${AGENT}`,
    address: ({ production }) => `${production}/mcp-clients`,
    then: async (page) => {
      await goToAgent(page);
      await page.getByRole("link", { name: "Revoke …" }).click();
    },
  },
  { name: "invitation-unknown", heading: "This link opens nothing", address: () => "/invitation", stranger: true, status: 404 },
  { name: "search", heading: "Search", address: ({ production }) => `${production}/search` },
  { name: "search-found", heading: "Search", address: ({ production }) => `${production}/search?q=o` },
  { name: "search-none", heading: "Search", address: ({ production }) => `${production}/search?q=nothing+is+called+so` },
  { name: "team-search", heading: "Search", address: ({ team }) => `${team}/search` },
  {
    name: "palette",
    modal: true,
    title: "Northwind Production",
    heading: "Northwind Production",
    address: ({ production }) => production,
    then: async (page) => {
      await page.keyboard.press("Control+K");
      await page.getByRole("dialog", { name: "Search" }).getByRole("option").first().waitFor();
    },
  },
  {
    name: "shortcuts",
    modal: true,
    title: "Northwind Production",
    heading: "Northwind Production",
    address: ({ production }) => production,
    then: async (page) => {
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    },
  },
  { name: "profile", heading: "Profile", address: () => "/profile" },
  { name: "sessions", heading: "Sessions", address: () => "/sessions" },
  { name: "security", heading: "Security", address: ({ production }) => `${production}/settings/security` },
  { name: "team-security", heading: "Security", address: ({ team }) => `${team}/settings/security` },
  { name: "retention", heading: "Retention", address: ({ production }) => `${production}/settings/retention` },
  { name: "team-retention", heading: "Retention", address: ({ team }) => `${team}/settings/retention` },
  { name: "spend", heading: "Spend", address: ({ production }) => `${production}/settings/spend` },
  { name: "support-access", heading: "Support access", address: ({ production }) => `${production}/settings/support-access` },
  { name: "inbox", heading: "Inbox", address: () => "/inbox" },
  { name: "mail", heading: "Mail", address: ({ production }) => `${production}/members/mail` },
  { name: "gallery", heading: "Gallery", address: () => "/dev/gallery" },
];

// Those that answer to a plain GET.
export const ADDRESSES = PAGES.filter((page) => !page.then);

// Brings a page before a person of its own, in a fresh context.
export async function show(open, entry, options = {}) {
  const known = await northwind(open);
  const page = await open({ ...options, storageState: entry.stranger ? undefined : known.state });
  if (entry.status) expectStatus(page, entry.status);
  await page.goto(entry.address(known));
  await entry.then?.(page);
  await page.getByRole("heading", { level: 1, name: entry.heading, exact: true }).waitFor();
  return page;
}
