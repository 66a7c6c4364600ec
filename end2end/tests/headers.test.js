// What every answer carries, whatever happened inside.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { ADDRESSES } from "../support/pages.js";
import { cookieHeader, get } from "../support/wire.js";
import { northwind } from "../support/ways.js";

const STRICT = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-robots-tag": "noindex, nofollow",
  "cache-control": "no-store",
  "content-type": "text/html; charset=utf-8",
};

const POLICY = {
  "default-src": ["'none'"],
  "style-src": ["'self'"],
  "img-src": ["'self'", "data:"],
  "connect-src": ["'self'"],
  "font-src": ["'self'"],
  "object-src": ["'none'"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

function policyOf(headers) {
  const directives = headers["content-security-policy"].split(";").map((directive) => directive.trim().split(/\s+/));
  return Object.fromEntries(directives.map(([name, ...sources]) => [name, sources]));
}

for (const entry of ADDRESSES) {
  scene(`${entry.name} carries the strict headers and a policy with a nonce of its own`, async (open) => {
    const places = await northwind(open);
    const cookie = entry.stranger ? undefined : cookieHeader(places.state);
    const nonces = [];
    const ids = [];
    for (let time = 0; time < 2; time += 1) {
      const { headers, body } = await get(entry.address(places), { cookie, headers: { "accept-encoding": "identity" } });
      const told = Object.fromEntries(Object.keys(STRICT).map((name) => [name, headers[name]]));
      assert.deepEqual(told, STRICT);
      assert.match(headers["x-request-id"], /^req_[0-9a-z]{26}$/);
      ids.push(headers["x-request-id"]);

      const policy = policyOf(headers);
      const known = Object.fromEntries(Object.keys(POLICY).map((name) => [name, policy[name]]));
      assert.deepEqual(known, POLICY);
      const nonce = /^'nonce-([\w-]{22,}={0,2})'$/.exec(policy["script-src"].find((source) => source.startsWith("'nonce-")))?.[1];
      assert.ok(nonce, headers["content-security-policy"]);
      assert.deepEqual(policy["script-src"].toSorted(), ["'self'", "'wasm-unsafe-eval'", `'nonce-${nonce}'`].toSorted());
      nonces.push(nonce);

      const html = body.toString();
      const scripts = html.match(/<script\b[^>]*>/g);
      assert.ok(scripts.length > 0 && scripts.every((script) => script.includes(`nonce="${nonce}"`)), `${scripts}`);
      assert.doesNotMatch(html, /<style\b|\sstyle="|\son\w+="|javascript:/i, "nothing inline");
    }
    assert.equal(new Set(nonces).size, 2);
    assert.equal(new Set(ids).size, 2);
  });
}

scene("A caller's own request id does not become the console's", async () => {
  const { headers } = await get("/sign-in", { headers: { "x-request-id": "mine" } });
  assert.match(headers["x-request-id"], /^req_/);
});

scene("A form from another site is refused with a page", async (open) => {
  const page = await open();
  const answer = await page.request.post("/theme", {
    form: { theme: "dark", back: "/" },
    headers: { "sec-fetch-site": "cross-site", origin: "https://elsewhere.example" },
    maxRedirects: 0,
  });
  assert.equal(answer.status(), 403);
  assert.match(await answer.text(), /only this console may send it/);
  assert.equal(answer.headers()["set-cookie"], undefined);
});

scene("A browser that fetches ahead is not sent to the provider, and leaves no trace", async () => {
  const { status, headers } = await get("/sign-in/start?back=/", { headers: { "sec-purpose": "prefetch" } });
  assert.equal(status, 204);
  assert.equal(headers["set-cookie"], undefined);
});
