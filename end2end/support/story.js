// Stories: what somebody does in one go, over many pages. Each is told once, and played in three ways.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { assertNoViolations } from "./axe.js";
import { scene } from "./browser.js";
import { assertFits } from "./fits.js";
import { keyboard, mouse } from "./hands.js";
import { PAGES } from "./pages.js";

const WAYS = [
  { name: "with a mouse", folder: "mouse", hands: mouse, options: { colorScheme: "light" }, triesAxe: true },
  {
    name: "without scripting, in the dark, 320 pixels wide",
    folder: "plain",
    hands: mouse,
    options: { scripting: false, colorScheme: "dark", viewport: { width: 320, height: 640 } },
  },
  { name: "by keyboard alone", folder: "keyboard", hands: keyboard, options: { colorScheme: "light" } },
];

const STORY_MILLISECONDS = 180_000;

// Where pictures of every page of a story are put; none are taken without it.
const PICTURES = process.env.STOA_E2E_STORY_PICTURES;
// Pages do not turn into each other here: on a picture nothing is half way, and the skip link is gone at once.
const STILL = { reducedMotion: "reduce" };

// `play` is given `enter`, which opens a browser for one more person and returns them as a `Visitor`; `open`, as a scene
// has it, for what happens behind the story; and the `way`: "mouse", "plain" or "keyboard".
export function story(sentence, play) {
  for (const way of WAYS) {
    scene(`${sentence}, ${way.name}`, async (open) => {
      const enter = async () => {
        const page = await open({ ...way.options, ...STILL });
        if (way.hands === keyboard) await page.addInitScript(tellOfPointers);
        return new Visitor(page, way);
      };
      await play({ enter, open, way: way.folder });
    }, { timeout: STORY_MILLISECONDS });
  }
}

// A complaint, which no scene forgives.
function tellOfPointers() {
  addEventListener("pointerdown", () => console.error("a pointer was used"), true);
}

const isNarrow = (way) => way.options.viewport !== undefined;

// Of this file: the pages that axe has seen. Those of the list are shown to it elsewhere.
const seen = new Set();
const HEADINGS = new Set(PAGES.map((page) => page.heading));

// Somebody at a browser. Elements are named as people name them; where a name is not enough, they are given whole.
export class Visitor {
  #way;
  #pictures = 0;

  constructor(page, way) {
    this.page = page;
    this.#way = way;
  }

  get main() {
    return this.page.getByRole("main");
  }

  get path() {
    return new URL(this.page.url()).pathname;
  }

  link(name) {
    return this.main.getByRole("link", { name, exact: true });
  }

  button(name) {
    return this.main.getByRole("button", { name, exact: true });
  }

  field(label) {
    return this.main.getByLabel(label, { exact: true });
  }

  table(caption) {
    return this.main.getByRole("table", { name: caption, exact: true });
  }

  // A part of the page, by its heading.
  section(heading) {
    return this.main.locator("section").filter({ has: this.page.getByRole("heading", { level: 2, name: heading, exact: true }) });
  }

  // Types an address, and comes there signed in as `person`.
  async signIn(person, to = "/") {
    await this.page.goto(to);
    await this.arrive("Sign in");
    await this.follow(this.page.getByRole("link", { name: "Continue to sign in" }));
    await this.chooseAtProvider(person);
  }

  async chooseAtProvider(person) {
    await this.follow(this.page.getByRole("button", { name: `Continue as ${person}` }));
  }

  // Presses what leads to another page, or to the same one anew.
  async follow(element) {
    const pressed = typeof element === "string" ? this.link(element) : element;
    await Promise.all([this.page.waitForEvent("domcontentloaded"), this.press(pressed)]);
  }

  // Sends the form of a button.
  async send(button) {
    await this.follow(typeof button === "string" ? this.button(button) : button);
  }

  press(element) {
    return this.#way.hands.press(element);
  }

  write(label, text) {
    return this.#way.hands.write(this.field(label), text);
  }

  tick(label) {
    return this.#way.hands.tick(this.field(label));
  }

  untick(label) {
    return this.#way.hands.untick(this.field(label));
  }

  choose(label) {
    return this.#way.hands.tick(this.main.getByRole("radio", { name: label, exact: true }));
  }

  pick(label, option) {
    return this.#way.hands.pick(this.field(label), option);
  }

  // By the rail, or by the sheet that it is on a narrow screen.
  async goTo(entry, heading = entry) {
    const toggle = this.page.getByRole("button", { name: "Open navigation" });
    if (await toggle.isVisible()) await this.press(toggle);
    await this.follow(this.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: entry, exact: true }));
    await this.arrive(heading);
  }

  // Sees that this is the page, and looks at it as a whole.
  async arrive(heading) {
    await this.page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
    await this.#picture(heading);
    if (isNarrow(this.#way)) await assertFits(this.page, heading);
    // What is named after a thing of the story is the same page as before.
    const known = this.path.replaceAll(/[a-z]+_[0-9a-z]{26}/g, "…");
    if (!this.#way.triesAxe || seen.has(known) || HEADINGS.has(heading)) return;
    seen.add(known);
    await assertNoViolations(this.page);
  }

  // Sees what the page says of what was just done.
  async told(text) {
    await this.page.getByRole("status").filter({ hasText: text }).first().waitFor();
  }

  // The text of the file that a link saves.
  async save(link) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.press(this.link(link))]);
    return readFile(await download.path(), "utf8");
  }

  async #picture(heading) {
    if (!PICTURES) return;
    mkdirSync(`${PICTURES}/${this.#way.folder}`, { recursive: true });
    this.#pictures += 1;
    const name = `${this.path.split("/")[1] || "home"}-${String(this.#pictures).padStart(2, "0")}-${heading.replaceAll(/[^\p{L}\p{N}]+/gu, "-")}`;
    await this.page.screenshot({ path: `${PICTURES}/${this.#way.folder}/${name}.png`, fullPage: true });
  }
}

// The cells of a table's body, row by row, the row's heading first.
export async function cellsOf(table) {
  return table.locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => [...row.cells].map((cell) => cell.innerText.replaceAll(/\s+/g, " ").trim())));
}

// The value beside a term, in a list of descriptions.
export function valueOf(place, term) {
  return place.locator("dt", { hasText: new RegExp(`^${term}$`) }).locator("xpath=following-sibling::dd[1]");
}
