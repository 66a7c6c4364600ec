// The document of the API, as a linter of such documents reads it (Redocly, its recommended rules).

import assert from "node:assert/strict";
import { test } from "node:test";

import { createConfig, lintFromString } from "@redocly/openapi-core";

import { HOME } from "../support/chromium.js";

// `problems` as lines: severity, rule, place, message.
async function lint(source) {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
  return problems.map(({ severity, ruleId, location, message }) =>
    `${severity} ${ruleId} ${location[0]?.pointer ?? ""}: ${message}`);
}

const served = async () => (await fetch(`${HOME}/api/v1/openapi.json`)).text();

test("A linter finds nothing to say about the document of the API", async () => {
  const source = await served();
  assert.equal(JSON.parse(source).openapi.slice(0, 3), "3.1");
  assert.deepEqual(await lint(source), []);
});

test("The linter does read it: what is broken is found", async () => {
  const document = JSON.parse(await served());
  const [path, operations] = Object.entries(document.paths).find(([name]) => name.includes("{"));
  const [operation] = Object.values(operations).filter((value) => value.operationId);
  operation.responses = {};
  document.paths[path.replace("{", "{other_")] = {};
  const problems = await lint(JSON.stringify(document));
  assert.ok(problems.some((problem) => problem.startsWith("error ")), `${problems}`);
});
