// The one island of every page: the filter over the switcher's list, whose wasm comes when it is wanted.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { HOME } from "../support/chromium.js";
import { switcher } from "../support/people.js";
import { northwind, pathOf } from "../support/ways.js";

const filter = (page) => page.getByRole("searchbox", { name: "Filter workspaces" });
const entry = (page, name) => page.getByRole("banner").getByRole("link", { name: new RegExp(`^${name}`) });
const isIsland = (url) => /\/pkg\/stoa\.[^/]*(js|wasm)$/.test(url);

// A page on Overview, and the requests for the islands' files that it made so far.
async function overview(open) {
  const { production, state } = await northwind(open);
  const page = await open({ storageState: state });
  const fetched = [];
  page.on("request", (request) => {
    if (isIsland(request.url())) fetched.push(request.url().replace(HOME, ""));
  });
  await page.goto(production, { waitUntil: "networkidle" });
  return { page, fetched };
}

scene("Nothing of the islands is fetched until one is touched, and then it works", async (open) => {
  const { page, fetched } = await overview(open);
  await page.getByRole("heading", { level: 1 }).hover();
  await page.keyboard.press("Tab");
  await page.getByRole("main").click({ position: { x: 5, y: 5 } });
  assert.deepEqual(fetched, [], "reading a page needs none of it");

  const wasm = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await switcher(page).click();
  assert.equal((await wasm).status(), 200);
  assert.equal(fetched.length, 2, `the glue and the wasm, once: ${fetched}`);

  await filter(page).fill("STAG");
  await entry(page, "Northwind Production").waitFor({ state: "hidden" });
  assert.ok(await entry(page, "Northwind Staging").isVisible());
  assert.equal(await page.getByText("My workspace").isVisible(), false, "of any team");
  await filter(page).fill("nobody has this");
  await page.getByRole("status").filter({ hasText: "No workspace has this in its name." }).waitFor();
  await filter(page).fill("");
  await entry(page, "Northwind Production").waitFor();
  assert.equal(fetched.length, 2);
});

scene("Enter in the filter goes to the first that is left", async (open) => {
  const { staging } = await northwind(open);
  const { page } = await overview(open);
  await switcher(page).click();
  await filter(page).pressSequentially("staging");
  await entry(page, "Northwind Production").waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Northwind Staging" }).waitFor();
  assert.equal(pathOf(page), staging);
});

scene("What is typed while the wasm is on its way counts when it is there", async (open) => {
  const { page } = await overview(open);
  let arrive;
  const held = new Promise((resolve) => { arrive = resolve; });
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest((request) => request.url().endsWith(".wasm"));
  await switcher(page).click();
  await asked;
  await filter(page).pressSequentially("stag");
  assert.ok(await entry(page, "Northwind Production").isVisible(), "nothing filters yet");
  arrive();
  await entry(page, "Northwind Production").waitFor({ state: "hidden" });
  assert.equal(await filter(page).inputValue(), "stag");
  assert.ok(await filter(page).evaluate((input) => input === document.activeElement), "the focus stayed");
});

scene("Where the wasm does not come, the list still leads everywhere, and the next touch tries again", async (open) => {
  const { staging } = await northwind(open);
  const { page, fetched } = await overview(open);
  await page.route("**/*.wasm", (route) => route.abort("aborted"), { times: 1 });
  const failed = page.waitForEvent("requestfailed");
  let came = false;
  const answered = page.waitForResponse((response) => response.url().endsWith(".wasm")).then(() => { came = true; });
  await switcher(page).click();
  await failed;
  // Which touch is the next one depends on when the page hears of the failure: the click's own, or one of these.
  while (!came) await filter(page).press("ArrowDown");
  await answered;
  assert.equal(fetched.filter((path) => path.endsWith(".wasm")).length, 2);
  await entry(page, "Northwind Staging").click();
  await page.getByRole("heading", { level: 1, name: "Northwind Staging" }).waitFor();
  assert.equal(pathOf(page), staging);
});
