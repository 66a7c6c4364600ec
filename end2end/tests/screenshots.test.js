// Pictures of the main pages, for the README and for whoever reviews a change: results/screenshots/NAME-THEME.png.

import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";

import { RESULTS, scene } from "../support/browser.js";
import { PAGES, show } from "../support/pages.js";

const FOLDER = `${RESULTS}screenshots/`;
const PHONE = { width: 390, height: 844 };
const BYTES_MIN = 10 * 1000;

mkdirSync(FOLDER, { recursive: true });

async function picture(open, entry, colorScheme, name, options = {}) {
  const page = await show(open, entry, { colorScheme, ...options });
  await page.evaluate(() => scrollTo(0, 0));
  const path = `${FOLDER}${name}-${colorScheme}.png`;
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  const { size } = statSync(path);
  assert.ok(size > BYTES_MIN, `${path} has ${size} bytes`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const entry of PAGES) {
    scene(`A picture of ${entry.name}, ${colorScheme}`, (open) => picture(open, entry, colorScheme, entry.name));
  }
  const overview = PAGES.find((entry) => entry.name === "overview");
  scene(`A picture of overview on a phone, ${colorScheme}`, (open) =>
    picture(open, overview, colorScheme, "overview-phone", { viewport: PHONE }));
}
