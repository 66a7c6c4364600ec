// `stoa migrate`, `stoa doctor` and `stoa serve`, as an operator runs them, with a certified OpenID provider that we
// did not write: as a confidential client, which asks its userinfo for what its ID token leaves out.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { after, before, test } from "node:test";

import Provider from "oidc-provider";
import { chromium } from "playwright-core";

const SERVE_PORT = process.env.STOA_E2E_SERVE_PORT ?? "3907";
const PROVIDER_PORT = process.env.STOA_E2E_PROVIDER_PORT ?? "3908";
const OTHER_PORT = process.env.STOA_E2E_OTHER_PORT ?? "3909";
const CONSOLE = `http://127.0.0.1:${SERVE_PORT}`;
const ISSUER = `http://127.0.0.1:${PROVIDER_PORT}`;
const PEOPLE = { ada: { name: "Ada Lovelace", email: "ada@example.com", email_verified: true } };

const settings = {
  PATH: process.env.PATH,
  STOA_LISTEN: `127.0.0.1:${SERVE_PORT}`,
  STOA_PUBLIC_URLS__CONSOLE: CONSOLE,
  STOA_DATABASE__URL: process.env.STOA_E2E_DATABASE_URL,
  STOA_DATABASE__OWNER_URL: process.env.STOA_E2E_OWNER_URL,
  STOA_IDENTITY__ISSUER: ISSUER,
  STOA_IDENTITY__CLIENT_ID: "stoa",
  STOA_IDENTITY__CLIENT_SECRET: "a-secret-of-some-length-for-the-test",
  STOA_SECRETS__PEPPER: Buffer.alloc(32, 7).toString("base64"),
  STOA_SECRETS__AUDIT_KEY: Buffer.alloc(32, 8).toString("base64"),
};

const stoa = (...words) => spawnSync(process.env.STOA_BIN, words, { env: settings, encoding: "utf8" });

let provider, server, browser;
const log = [];

before(async () => {
  const oidc = new Provider(ISSUER, {
    clients: [
      {
        client_id: "stoa",
        client_secret: settings.STOA_IDENTITY__CLIENT_SECRET,
        redirect_uris: [`${CONSOLE}/sign-in/callback`],
        post_logout_redirect_uris: [`${CONSOLE}/signed-out`],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    findAccount: (_, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  });
  provider = await new Promise((resolve) => {
    const listening = oidc.listen(Number(PROVIDER_PORT), "127.0.0.1", () => resolve(listening));
  });
  const migrated = stoa("migrate");
  assert.equal(migrated.status, 0, migrated.stderr);
  server = spawn(process.env.STOA_BIN, ["serve"], { env: settings, stdio: ["ignore", "ignore", "pipe"] });
  server.stderr.setEncoding("utf8").on("data", (text) => log.push(text));
  await ready();
  browser = await chromium.launch({
    executablePath: process.env.STOA_CHROMIUM,
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
});

after(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
  provider?.closeAllConnections();
  provider?.close();
});

async function ready() {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`${CONSOLE}/readyz`).catch(() => null);
    if (answer?.ok) return;
    assert.equal(server.exitCode, null, log.join(""));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`not ready: ${log.join("")}`);
}

test("The doctor finds everything in order", async () => {
  // Not spawnSync: the provider that it asks answers from this process.
  const doctor = spawn(process.env.STOA_BIN, ["doctor"], {
    env: { ...settings, STOA_SITE_ROOT: process.env.STOA_SITE_ROOT },
  });
  let said = "";
  doctor.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve) => doctor.on("close", resolve));
  assert.equal(status, 0, said);
  for (const what of ["configuration", "public URLs", "database", "roles", "clock", "migrations", "owner", "identity provider"]) {
    assert.match(said, new RegExp(`ok +${what}:`));
  }
});

test("The doctor says what is wrong and what to do about it", () => {
  const broken = { ...settings, STOA_DATABASE__URL: settings.STOA_DATABASE__OWNER_URL.replace("stoa_owner", "postgres") };
  broken.STOA_IDENTITY__ISSUER = "http://127.0.0.1:9/nobody";
  const { status, stdout } = spawnSync(process.env.STOA_BIN, ["doctor"], { env: broken, encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stdout, /WRONG roles: postgres is above row-level security\n +remedy: .*stoa migrate --roles/);
  assert.match(stdout, /WRONG identity provider: .*provider_unreachable/);
});

test("A wrong setting stops the server and is named", () => {
  const { status, stderr } = spawnSync(process.env.STOA_BIN, ["serve"], {
    env: { ...settings, STOA_SIGN_UP__POLICY: "everyone" },
    encoding: "utf8",
  });
  assert.notEqual(status, 0);
  assert.match(stderr, /sign_up\.policy/);
});

test("A demonstration leaves alone what no demonstration made, and serve what one did", () => {
  const at = (name) => {
    const url = (role) => settings.STOA_DATABASE__URL.replace("stoa_app", role).replace("stoa_end2end", name);
    return { ...settings, STOA_DATABASE__URL: url("stoa_app"), STOA_DATABASE__OWNER_URL: url("stoa_owner") };
  };
  const run = (env, ...words) => spawnSync(process.env.STOA_BIN, words, { env, encoding: "utf8", timeout: 30_000 });
  assert.equal(run(at("stoa_demo"), "migrate").status, 0);
  const demo = run({ PATH: settings.PATH, STOA_DEMO_DATABASE_URL: process.env.STOA_E2E_SUPERUSER_URL }, "demo", "--port", OTHER_PORT);
  assert.notEqual(demo.status, 0);
  assert.match(demo.stderr, /holds another Stoa/);

  // The bench marks an empty database as its own, as a demonstration does.
  const bench = run(at("stoa_marked"), "bench", "pages", "--seconds", "1", "--rounds", "1", "--connections", "2");
  // How it comes out is not asked here: these machines are shared.
  assert.match(bench.stdout, /ratio \(median of 1 rounds\) \d/, bench.stderr);
  const serve = run(at("stoa_marked"), "serve");
  assert.notEqual(serve.status, 0);
  assert.match(serve.stderr, /belongs to a demonstration/);
});

test("Someone signs in with a provider that we did not write, and out of both", async () => {
  const context = await browser.newContext({ baseURL: CONSOLE });
  const page = await context.newPage();
  await page.goto("/profile");
  await page.getByRole("link", { name: "Continue to sign in" }).click();
  await page.getByPlaceholder("Enter any login").fill("ada");
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { level: 1, name: "Profile" }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Name" }).inputValue(), "Ada Lovelace");
  assert.match(await page.getByRole("main").innerText(), /ada@example\.com/);

  await page.getByLabel(/^You: /).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: /yes, sign me out/i }).click();
  await page.getByRole("heading", { level: 1, name: "You are signed out" }).waitFor();
  await page.goto("/profile");
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await context.close();
});

test("The operator of a new installation is named from the command line", () => {
  const named = stoa("operator", "--email", "ada@example.com");
  assert.equal(named.status, 0, named.stderr);
  assert.match(named.stdout, /usr_\w+ is an operator now/);
  assert.notEqual(stoa("operator", "--email", "nobody@example.com").status, 0);
});

test("The server stops when asked, and its log is JSON without a secret in it", async () => {
  server.kill("SIGTERM");
  const status = await new Promise((resolve) => server.on("close", resolve));
  assert.equal(status, 0);
  const lines = log.join("").trim().split("\n");
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
  for (const secret of [settings.STOA_IDENTITY__CLIENT_SECRET, "code=", "ada@example.com"]) {
    assert.ok(!lines.some((line) => line.includes(secret)), `${secret} is in the log`);
  }
});
