// The form that most tests change something with: a workspace's name, on its Settings page.

import { scene } from "./browser.js";
import { signIn } from "./people.js";
import { northwind } from "./ways.js";

export const SAVED = "The workspace's name is saved.";

export const nameField = (page) => page.getByRole("textbox", { name: "Name" });
export const saveButton = (page) => page.getByRole("button", { name: "Save name" });
export const flash = (page) => page.getByRole("status").filter({ hasText: SAVED });

// A page of its own for `person`, on the settings of a Northwind workspace.
export async function settingsOf(open, person, word) {
  const places = await northwind(open);
  const page = await open();
  await signIn(page, person, `${places[word]}/settings`);
  return page;
}

export async function rename(page, name) {
  await nameField(page).fill(name);
  await saveButton(page).click();
}

// As `rename`, and sees that it is done.
export async function renamed(page, name) {
  await rename(page, name);
  await flash(page).waitFor();
}

// A name that no earlier run gave.
export function newName(word) {
  return `${word} ${Date.now().toString(36)}`;
}

// The hidden fields of the rename form.
export function hiddenField(page, field) {
  return saveButton(page).evaluate((button, name) => button.form.elements[name].value, field);
}

export function setHiddenField(page, field, value) {
  return saveButton(page).evaluate((button, [name, text]) => { button.form.elements[name].value = text; }, [field, value]);
}

// A scene after which the workspace is called again what it was before.
export function sceneThatRenames(sentence, word, person, play) {
  scene(sentence, async (open, t) => {
    const page = await settingsOf(open, person, word);
    const [settings, before] = [page.url(), await nameField(page).inputValue()];
    const restore = async () => {
      await page.goto(settings);
      if (await nameField(page).inputValue() !== before) await renamed(page, before);
    };
    try {
      await play(open, page, t);
    } catch (error) {
      // What went wrong first is what is told.
      await restore().catch(() => {});
      throw error;
    }
    await restore();
  });
}
