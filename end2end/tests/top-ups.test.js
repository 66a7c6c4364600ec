// A team pays for prepaid credit: at a Stripe that is played back, with and without scripting.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectComplaint } from "../support/complaints.js";
import { endTeam, freshTeam, thenEnd } from "../support/fresh-team.js";
import { OLIVIA, signIn } from "../support/people.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

for (const scripting of [true, false]) {
  scene(`An owner tops up, thinks twice, and pays, ${scripting ? "with" : "without"} scripting`, async (open) => {
    const { team } = await freshTeam(open, OLIVIA, scripting ? "Payday" : "Plain Payday", {});
    await thenEnd(async () => {
      const page = await open({ scripting });
      // People leave for the provider, and for nowhere else.
      expectComplaint(page, new RegExp(`^foreign request: ${process.env.STOA_E2E_TILL_URL}/(pay|portal)`));
      await signIn(page, OLIVIA, `${team}/billing`);
      await page.getByRole("link", { name: "Top up", exact: true }).click();
      await heading(page, "Top up").waitFor();
      assert.equal(await page.getByRole("button", { name: "Open at Stripe" }).count(), 0);
      await page.getByLabel("Amount", { exact: true }).fill("25.50");
      await page.getByRole("button", { name: "Continue to Stripe" }).click();
      await heading(page, "Pay $25.50").waitFor();
      await page.getByRole("link", { name: "Back" }).click();
      await page.getByText("waiting for the payment").first().waitFor();
      await page.getByRole("link", { name: "Go on to pay" }).click();
      await heading(page, "Pay $25.50").waitFor();
      await page.getByRole("button", { name: "Pay" }).click();
      await page.getByText("It has arrived, and is prepaid credit.").waitFor();
      assert.equal(await page.getByRole("link", { name: "Go on to pay" }).count(), 0);
      // What the provider knows of the account is there now.
      await page.goto(`${team}/billing/top-ups`);
      await page.getByRole("row").filter({ hasText: "$25.50" }).getByText("credited").waitFor();
      await page.getByRole("button", { name: "Open at Stripe" }).click();
      await heading(page, "Cards and receipts").waitFor();
      await page.getByRole("link", { name: "Return" }).click();
      await heading(page, "Top up").waitFor();
      await page.goto(`${team}/billing`);
      await page.getByRole("main").getByText("$25.50").first().waitFor();
      await page.goto(`${team}/billing/ledger`);
      await page.getByRole("row").filter({ hasText: "$25.50" }).first().waitFor();
    }, () => endTeam(open, OLIVIA, team));
  });
}
