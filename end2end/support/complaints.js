// What a browser says against a page: console errors and warnings, exceptions, requests that failed or went elsewhere.

import assert from "node:assert/strict";

const records = new WeakMap();

// A page that is left takes its requests with it; nobody misses them.
const LEFT = "net::ERR_ABORTED";

// Chromium skips a view transition, and throws this, where a page is to be drawn before its stylesheet has come: on a
// slow wire, or because a test looks for an element from the first moment, as all of them do. The other where the page
// was drawn already when the transition was to begin.
const SKIPPED = ["ViewTransition opt-in disabled", "Page already revealed"].map(
  (why) => `Transition was aborted because of invalid state. ${why}`,
);

export function watch(context, home) {
  const record = new Record(home);
  records.set(context, record);
  context.on("console", (message) => {
    record.said.push(`${message.type()}: ${message.text()}`);
    if (["error", "warning"].includes(message.type())) {
      record.found.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on("weberror", (thrown) => {
    const error = thrown.error();
    if (!SKIPPED.includes(error.message)) record.found.push(`exception: ${error.stack || error} (${thrown.page()?.url()})`);
  });
  context.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    if (why !== LEFT) record.found.push(`request failed: ${request.method()} ${request.url()}: ${why}`);
  });
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== home) record.found.push(`foreign request: ${request.url()}`);
  });
  return record;
}

class Record {
  // Everything that any console said, of whatever level.
  said = [];
  found = [];
  #expected = [];

  constructor(home) {
    this.home = home;
  }

  expect(pattern) {
    this.#expected.push(pattern);
  }

  // What was expected must have come, and nothing else may have.
  settle() {
    const missing = this.#expected.filter((pattern) => !this.found.some((text) => pattern.test(text)));
    const left = this.found.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(left, [], "the browser complained");
    assert.deepEqual(missing.map(String), [], "the browser did not complain, though it should have");
  }
}

// From here on this page's browser is expected to complain so, at least once.
export function expectComplaint(page, pattern) {
  records.get(page.context()).expect(pattern);
}

// Browsers note every answer from 400 on in their console. Expected of a page; of a file it stays a complaint.
export function expectStatus(page, status) {
  const home = records.get(page.context()).home.replace(/[.[\]]/g, "\\$&");
  const address = String.raw`\(${home}/[^.?]*(\?.*)?\)`;
  expectComplaint(page, new RegExp(`^console error: Failed to load resource: the server responded with a status of ${status} .*${address}$`));
}

export function said(page) {
  return records.get(page.context()).said;
}
