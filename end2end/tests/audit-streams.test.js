// Audit streams: made, tried, rotated, paused and ended, with and without scripting.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { ARIA, signIn } from "../support/people.js";
import { northwind } from "../support/ways.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const secretOf = async (page) => page.getByLabel("Signing secret", { exact: true }).inputValue();

for (const scripting of [true, false]) {
  const name = scripting ? "Streamed" : "Streamed plainly";
  scene(`An owner makes a stream and ends it, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { state, staging } = await northwind(open);
    const page = await open({ storageState: state, scripting });
    await page.goto(`${staging}/audit-log`);
    await page.getByRole("main").getByRole("link", { name: "Streams", exact: true }).click();
    await heading(page, "Audit streams").waitFor();
    await page.getByRole("link", { name: "New stream", exact: true }).click();
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Endpoint", { exact: true }).fill("https://localhost:8443/in?token=hush");
    await page.getByRole("button", { name: "Make stream" }).click();
    await heading(page, `The stream “${name}” is made`).waitFor();
    const first = await secretOf(page);
    assert.match(first, /^whsec_[A-Za-z0-9+/]{43}=$/);
    await page.getByRole("link", { name: "I have stored it" }).click();
    await heading(page, name).waitFor();
    const address = new URL(page.url()).pathname;

    // Where nobody may be reached, the page says why.
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("A test is on its way.").waitFor();
    const tested = page.getByText(/leads to a loopback address, which is not called/).first();
    for (let look = 0; look < 20 && !(await tested.count()); look += 1) {
      await page.waitForTimeout(1000);
      await page.goto(address);
    }
    assert.ok(await tested.count(), "how the test went");

    await page.getByRole("button", { name: "Rotate secret" }).click();
    await heading(page, "A new signing secret").waitFor();
    assert.notEqual(await secretOf(page), first);
    await page.getByRole("link", { name: "I have stored it" }).click();
    await page.getByRole("button", { name: "Pause stream" }).click();
    await page.getByText("The stream is paused.").waitFor();

    const auditor = await open({ scripting });
    await signIn(auditor, ARIA, address);
    await heading(auditor, name).waitFor();
    const main = auditor.getByRole("main");
    assert.equal(await main.locator("form:not([method=get], [role=search])").count(), 0, "nothing to change");
    assert.ok(!(await main.innerText()).includes("hush"), "the path may hold a secret");

    await page.getByRole("link", { name: "Archive …" }).click();
    await page.getByRole("button", { name: "Archive stream" }).click();
    await page.getByText("The stream is archived.").waitFor();
  });
}
