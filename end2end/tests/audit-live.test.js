// New rows of an audit log come by themselves, to whoever looks.

import assert from "node:assert/strict";

import { ARIA, OLIVIA, signIn } from "../support/people.js";
import { newName, renamed, sceneThatRenames } from "../support/rename.js";
import { goTo, pathOf } from "../support/ways.js";

const table = (page) => page.getByRole("table", { name: "Audit rows" });
const rowOf = (page, name) => table(page).getByRole("row").filter({ hasText: name });
const live = (page) => page.getByRole("button", { name: "Live", exact: true });

sceneThatRenames("An auditor sees what an owner does while it happens", "staging", OLIVIA, async (open, page) => {
  const settings = page.url();
  await goTo(page, "Audit Log");
  const log = pathOf(page);
  const watching = await open();
  await signIn(watching, ARIA, log);
  await live(watching).focus();
  await watching.keyboard.press("Enter");
  await watching.getByText("New rows come by themselves.").waitFor();
  assert.equal(new URL(watching.url()).hash, "#live");

  const [first, second, third] = [newName("First"), newName("Second"), newName("Third")];
  await page.goto(settings);
  await renamed(page, first);
  await rowOf(watching, first).first().waitFor();
  await renamed(page, second);
  await rowOf(watching, second).first().waitFor();
  const newest = table(watching).getByRole("row").nth(1);
  assert.ok((await newest.innerText()).includes(second), "the newest stands on top");
  assert.equal(await rowOf(watching, second).count(), 1, "each once");
  await newest.getByRole("link", { name: "workspace.renamed" }).click();
  await watching.getByRole("heading", { level: 1, name: "workspace.renamed" }).waitFor();

  // It is live again where it was left so, and rests when told to.
  await watching.goBack();
  await watching.getByRole("button", { name: "Live", pressed: true }).waitFor();
  await live(watching).click();
  await watching.getByRole("button", { name: "Live", pressed: false }).waitFor();
  await page.goto(settings);
  await renamed(page, third);
  await watching.getByRole("link", { name: "Refresh" }).click();
  await rowOf(watching, third).first().waitFor();

  const plain = await open({ scripting: false });
  await signIn(plain, ARIA, log);
  assert.equal(await live(plain).count(), 0);
  await plain.getByRole("link", { name: "Refresh" }).click();
  await rowOf(plain, third).first().waitFor();
});
