// Renaming a workspace: the whole life of a form, from the first mistake to the second tab.

import assert from "node:assert/strict";

import { expectStatus } from "../support/complaints.js";
import { formKeyOf } from "../support/form-key.js";
import { ADAM, OLIVIA } from "../support/people.js";
import { northwind, pathOf } from "../support/ways.js";
import {
  SAVED, flash, hiddenField, nameField, newName, rename, renamed, saveButton, sceneThatRenames, setHiddenField, settingsOf,
} from "../support/rename.js";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const hasFocus = (locator) => locator.evaluate((element) => element === document.activeElement);
const DAY = 24 * 60 * 60 * 1000;

for (const person of [OLIVIA, ADAM]) {
  sceneThatRenames(`${person} renames a workspace and is told so once`, "staging", person, async (open, page) => {
    const slug = pathOf(page);
    const name = newName("Renamed");
    await renamed(page, `  ${name} `);
    assert.equal(pathOf(page), slug, "the answer is a redirect to where the form was");
    assert.equal(await nameField(page).inputValue(), name, "without the spaces around it");
    assert.ok((await page.getByRole("banner").innerText()).includes(name), "the switcher says the new name");
    await page.reload();
    await nameField(page).waitFor();
    assert.equal(await page.getByText(SAVED).count(), 0, "said once");
    assert.equal(await nameField(page).inputValue(), name);
  });
}

for (const [what, value, says] of [
  ["empty", "   ", "The name is empty. Enter 1 to 80 characters."],
  ["too long", "n".repeat(81), "The name has 81 characters. Shorten it to 80 or fewer."],
  ["unprintable", "Pay\u202Ements", "The name contains a character that cannot be shown. Type it again by hand."],
]) {
  sceneThatRenames(`A name that is ${what} is kept, with an error that has the focus and leads to it`, "staging", OLIVIA, async (open, page) => {
    expectStatus(page, 422);
    // The browser itself would cut what is too long; another client would not.
    await nameField(page).evaluate((input) => input.removeAttribute("maxlength"));
    await rename(page, value);
    const summary = page.getByRole("alert");
    await summary.waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "alert");
    assert.equal(await nameField(page).inputValue(), value, "what was entered is kept");
    assert.equal(await nameField(page).getAttribute("aria-invalid"), "true");
    const described = await nameField(page).evaluate((input) =>
      input.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" "));
    assert.ok(described.includes(says), `the field says it too: ${described}`);

    await summary.getByRole("link", { name: says }).click();
    assert.ok(await hasFocus(nameField(page)), "the error leads to its field");
    await renamed(page, newName("Put right"));
    assert.equal(await page.getByRole("alert").count(), 0);
  });
}

for (const [who, lateTab] of [
  ["A second tab", async (open, page) => {
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    return tab;
  }],
  ["A second person", (open) => settingsOf(open, ADAM, "staging")],
]) sceneThatRenames(`${who} that is late is told what happened, and loses nothing`, "staging", OLIVIA, async (open, page) => {
  const late = await lateTab(open, page);
  const [first, second] = [newName("First"), newName("Second")];
  await renamed(page, first);

  expectStatus(late, 409);
  await rename(late, second);
  const notice = late.getByText("This workspace was changed by someone else since you opened this form.");
  await notice.waitFor();
  assert.ok((await notice.innerText()).includes(`It is now called “${first}”.`));
  assert.equal(await nameField(late).inputValue(), second, "what was entered is kept");
  await page.reload();
  assert.equal(await nameField(page).inputValue(), first, "nothing was overwritten");

  await saveButton(late).click();
  await flash(late).waitFor();
  await page.reload();
  assert.equal(await nameField(page).inputValue(), second, "who sends again after reading means it");
});

sceneThatRenames("The form of one workspace is refused at another's address", "staging", OLIVIA, async (open, page) => {
  const { production, staging } = await northwind(open);
  const name = newName("Astray");
  await saveButton(page).evaluate((button, action) => { button.form.action = action; }, `${production}/settings/name`);
  expectStatus(page, 409);
  await rename(page, name);
  await heading(page, "This form belongs elsewhere").waitFor();
  assert.match(await page.getByRole("main").innerText(), /Request req_[0-9a-z]{26}/);
  for (const place of [production, staging]) {
    await page.goto(`${place}/settings`);
    assert.notEqual(await nameField(page).inputValue(), name);
  }
});

sceneThatRenames("A form that is sent twice acts once", "staging", OLIVIA, async (open, page) => {
  const [first, second] = [newName("Once"), newName("Since")];
  const sending = page.waitForRequest((request) => request.method() === "POST");
  await renamed(page, first);
  const sent = await sending;
  const other = await settingsOf(open, ADAM, "staging");
  await renamed(other, second);

  const form = Object.fromEntries(new URLSearchParams(sent.postData()));
  const again = await page.request.post(sent.url(), { form, maxRedirects: 0 });
  assert.equal(again.status(), 303, "the first answer, once more");
  assert.equal(again.headers().location, pathOf(page));
  await page.reload();
  assert.equal(await nameField(page).inputValue(), second, "and nothing done");

  // With the same key and another name: still the first answer.
  const bent = await page.request.post(sent.url(), { form: { ...form, name: "Bent" }, maxRedirects: 0 });
  assert.equal(bent.status(), 303);
  await page.reload();
  assert.equal(await nameField(page).inputValue(), second);
});

sceneThatRenames("Two forms that arrive at the same moment are one", "staging", OLIVIA, async (open, page) => {
  const name = newName("Together");
  const form = { name };
  for (const field of ["form", "place", "version"]) form[field] = await hiddenField(page, field);
  const send = () => page.request.post(`${pathOf(page)}/name`, { form, maxRedirects: 0 });
  const answers = await Promise.all([send(), send(), send()]);
  assert.deepEqual(answers.map((answer) => answer.status()), [303, 303, 303]);
  await page.reload();
  assert.equal(await nameField(page).inputValue(), name);
  assert.equal(Number(await hiddenField(page, "version")), Number(form.version) + 1, "changed once");
});

sceneThatRenames("Going back and saving again is harmless", "staging", OLIVIA, async (open, page) => {
  const name = newName("Back");
  await renamed(page, name);
  await page.goBack({ waitUntil: "commit" });
  await saveButton(page).waitFor();
  await rename(page, name);
  await nameField(page).waitFor();
  await page.reload();
  assert.equal(await nameField(page).inputValue(), name);
  assert.equal(await page.getByText("was changed by someone else").count(), 0);
});

sceneThatRenames("A form older than a day is shown again with what was entered, and then works", "staging", OLIVIA, async (open, page) => {
  const name = newName("Late");
  await setHiddenField(page, "form", formKeyOf(new Date(Date.now() - DAY - 60_000)));
  expectStatus(page, 409);
  await rename(page, name);
  await page.getByText("This form is too old to be sent.").waitFor();
  assert.equal(await nameField(page).inputValue(), name);
  assert.equal(pathOf(page).endsWith("/settings/name"), true, "nothing was redirected, so nothing was done");
  const key = await hiddenField(page, "form");
  assert.match(key, /^frm_[0-9a-hjkmnp-tv-z]{26}$/);
  await saveButton(page).click();
  await flash(page).waitFor();
  assert.equal(await nameField(page).inputValue(), name);
});

sceneThatRenames("A key from just within the day is taken", "staging", OLIVIA, async (open, page) => {
  await setHiddenField(page, "form", formKeyOf(new Date(Date.now() - DAY + 60_000)));
  await renamed(page, newName("In time"));
});
