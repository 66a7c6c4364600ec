// What axe says against a page.

import assert from "node:assert/strict";

import AxeBuilder from "@axe-core/playwright";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Pages have no frames, so axe needs no second page to put their results together: that is legacy mode, and a third of
// the time. `rules` must have been tried: an open dialog hides the page behind it from axe, and the page's own rules with it.
export async function assertNoViolations(page, rules = ["color-contrast", "document-title", "landmark-one-main"]) {
  const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(TAGS).analyze();
  const found = violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\n${nodes.map((node) => `  ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ")}`).join("\n")}`);
  assert.equal(found.join("\n"), "", page.url());
  const ran = passes.map(({ id }) => id);
  for (const rule of rules) assert.ok(ran.includes(rule), `${rule} was tried`);
}
