// Lighthouse on every main page: accessibility and best practices are 100 of 100. Performance is measured elsewhere.

import assert from "node:assert/strict";

import { desktopConfig, navigation, snapshot } from "lighthouse";

import { joinable, scene } from "../support/browser.js";
import { HOME } from "../support/chromium.js";
import { expectStatus } from "../support/complaints.js";
import { inLighthouse } from "../support/lighthouse.js";
import { PAGES, show } from "../support/pages.js";
import { northwind } from "../support/ways.js";

const CATEGORIES = ["accessibility", "best-practices"];
const FLAGS = {
  onlyCategories: CATEGORIES,
  disableFullPageScreenshot: true,
  // Times are not measured here, so it waits for the page to be loaded and no longer. "simulate" slows nothing down
  // while it looks, and is the only method that lets the pauses be this short.
  throttlingMethod: "simulate",
  pauseAfterFcpMs: 0,
  pauseAfterLoadMs: 0,
  networkQuietThresholdMs: 100,
  cpuQuietThresholdMs: 100,
};
// Informative and manual ones, and those with nothing to look at on a page, are no part of a score.
const SCORED = ["binary", "numeric", "metricSavings", "error"];

const browserURL = await joinable();

for (const entry of PAGES) {
  scene(`Lighthouse gives ${entry.name} 100 for accessibility and best practices`, async (open) => {
    assertPerfect(await (entry.then ? lookAt : visit)(open, entry), entry.modal);
  });
}

// A page with an address: Lighthouse goes there itself. It takes loopback for as good as TLS, so nothing is left out
// for the sake of the address.
async function visit(open, entry) {
  const places = await northwind(open);
  const page = await open({ storageState: entry.stranger ? undefined : places.state });
  const flags = { ...FLAGS };
  if (entry.status) {
    expectStatus(page, entry.status);
    flags.ignoreStatusCode = true;
    // Browsers note in their console that the page itself was answered with this status, which is what it is for.
    // That nothing else is said there is asserted by the scene.
    flags.skipAudits = ["errors-in-console"];
  }
  const { lhr } = await navigation(await inLighthouse(page, browserURL), HOME + entry.address(places), { config: desktopConfig, flags });
  await page.getByRole("heading", { level: 1, name: entry.heading, exact: true }).waitFor();
  return lhr;
}

// A state that has no address: Lighthouse looks at the page as it stands, with what can be told from that.
async function lookAt(open, entry) {
  const page = await show(open, entry);
  const { lhr } = await snapshot(await inLighthouse(page, browserURL), { config: desktopConfig, flags: FLAGS });
  return lhr;
}

function assertPerfect({ runtimeError, categories, audits }, isModal = false) {
  assert.equal(runtimeError, undefined);
  const ids = CATEGORIES.flatMap((name) => categories[name].auditRefs).map(({ id }) => id);
  // All of them, because a score is rounded and forgives what has little weight.
  const failing = ids.map((id) => audits[id]).filter(({ score, scoreDisplayMode }) => SCORED.includes(scoreDisplayMode) && score !== 1);
  assert.equal(failing.map(told).join("\n"), "");
  for (const name of CATEGORIES) assert.equal(categories[name].score * 100, 100, name);
  // An open dialog hides the page behind it.
  for (const id of ["color-contrast", "doctype", "target-size", ...(isModal ? [] : ["document-title"])]) {
    assert.equal(audits[id].score, 1, `${id} was tried`);
  }
}

function told({ id, title, description, errorMessage, details }) {
  const found = (details?.items ?? []).map((item) => `  ${item.node?.selector ?? ""} ${item.node?.explanation ?? JSON.stringify(item)}`);
  return [`${id}: ${errorMessage ?? title}. ${description}`, ...found].join("\n");
}
