// What a page may weigh and fetch. The limits are those of the specification's table of budgets.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { HOME } from "../support/chromium.js";
import { expectStatus, said } from "../support/complaints.js";
import { ADDRESSES } from "../support/pages.js";
import { cookieHeader, get } from "../support/wire.js";
import { northwind } from "../support/ways.js";

const KB = 1000;
const HTML_MAX = 12 * KB;
const CSS_MAX = 15 * KB;
const ISLANDS_MAX = 150 * KB;
const REQUESTS_MAX = 8;
const A_YEAR_SECONDS = 365 * 24 * 60 * 60;

for (const entry of ADDRESSES) {
  scene(`The HTML of ${entry.name} is at most 12 KB`, async (open, t) => {
    const places = await northwind(open);
    const cookie = entry.stranger ? undefined : cookieHeader(places.state);
    const { status, headers, body } = await get(entry.address(places), { cookie });
    assert.equal(status, entry.status ?? 200);
    assert.equal(headers["content-encoding"], "br");
    t.diagnostic(`${entry.name}: ${body.length} bytes`);
    assert.ok(body.length <= HTML_MAX, `${body.length} bytes`);
  });

  scene(`${entry.name} loads with at most 8 requests and no island, says nothing and never moves`, async (open, t) => {
    const places = await northwind(open);
    // A context of its own, so that nothing is in the cache.
    const page = await open({ storageState: entry.stranger ? undefined : places.state });
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    if (entry.status) expectStatus(page, entry.status);
    await page.goto(entry.address(places), { waitUntil: "networkidle" });

    t.diagnostic(`${entry.name}: ${asked.length} requests`);
    assert.ok(asked.length >= 3 && asked.length <= REQUESTS_MAX, asked.join("\n"));
    assert.deepEqual(asked.filter((url) => new URL(url).origin !== HOME), []);
    const { module, wasm } = await filesOf(page);
    assert.deepEqual(asked.filter((url) => url.endsWith(module) || url.endsWith(wasm)), [], "no island was touched");
    const { sum, moved } = await layoutShift(page);
    assert.equal(sum.toFixed(2), "0.00", moved.join("\n"));
    if (moved.length > 0) t.diagnostic(`${entry.name}: ${sum} of layout shift: ${moved.join("; ")}`);
    if (!entry.status) assert.deepEqual(said(page), []);
  });
}

scene("The stylesheet is at most 15 KB, and the islands 150 KB together", async (open, t) => {
  const page = await open();
  await page.goto("/sign-in");
  const { css, script, module, wasm } = await filesOf(page);
  const size = {};
  for (const [name, path] of Object.entries({ css, script, module, wasm })) {
    const { status, headers, body } = await get(path);
    assert.equal(status, 200, path);
    assert.equal(headers["content-encoding"], "br", `${path} is compressed`);
    const [, age] = /^public, max-age=(\d+), immutable$/.exec(headers["cache-control"]) ?? [];
    assert.ok(Number(age) >= A_YEAR_SECONDS, `${path} is kept for good: ${headers["cache-control"]}`);
    assert.match(path, /\.[\w-]{8,}\.\w+$/, "under a name that no other content has");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers.vary, /accept-encoding/i);
    assert.ok(body.length > 1000, `${path} has only ${body.length} bytes`);
    size[name] = body.length;
  }
  t.diagnostic(`css ${size.css}, script ${size.script}, glue ${size.module}, wasm ${size.wasm} bytes, brotli`);
  assert.ok(size.css <= CSS_MAX, `the stylesheet has ${size.css} bytes`);
  assert.ok(size.module + size.wasm <= ISLANDS_MAX, `the islands have ${size.module + size.wasm} bytes`);
});

scene("A file that is not of this build is not kept for good", async () => {
  const { status, headers } = await get("/pkg/stoa.gone.css");
  assert.equal(status, 404);
  assert.doesNotMatch(headers["cache-control"] ?? "", /immutable|max-age=[1-9]/);
});

// The hashed files of this build, as the page names them.
function filesOf(page) {
  return page.evaluate(() => {
    const own = document.querySelector("script[data-module]");
    return {
      css: document.querySelector("link[rel=stylesheet]").getAttribute("href"),
      script: own.getAttribute("src"),
      module: own.dataset.module,
      wasm: own.dataset.wasm,
    };
  });
}

// All shifts since the page began, and the beginning of what moved, from where to where. As the metric has it, what follows a
// change of the window's size within half a second does not count (Chromium tells it as recent input): the driver of a busy
// machine sets the size after the first frame. Nothing is pressed here that would excuse more.
function layoutShift(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const told = { sum: 0, moved: [] };
    const place = ({ x, y, width, height }) => `${x},${y} ${width}×${height}`;
    const observer = new PerformanceObserver((list) => {
      for (const { value, sources, startTime, hadRecentInput } of list.getEntries()) {
        if (!hadRecentInput) told.sum += value;
        for (const { node, previousRect, currentRect } of sources) {
          const what = node?.outerHTML?.slice(0, 100) ?? node?.textContent;
          const excused = hadRecentInput ? " (the window changed)" : "";
          told.moved.push(`${value.toFixed(4)} at ${Math.round(startTime)} ms${excused}: ${place(previousRect)} to ${place(currentRect)}: ${what}`);
        }
      }
    });
    observer.observe({ type: "layout-shift", buffered: true });
    // Two frames later the buffered ones have been told.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(told))));
  }));
}
