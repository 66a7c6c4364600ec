// Answers as they come over the wire: no browser, no redirects, no decompression.

import { request } from "node:http";

import { HOME } from "./chromium.js";

export function get(path, { cookie, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = { "accept-encoding": "br", ...(cookie && { cookie }), ...headers };
    const asking = request(new URL(path, HOME), { headers: sent }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
    });
    asking.on("error", reject);
    asking.end();
  });
}

// A browser's cookies as a header.
export function cookieHeader(state) {
  return state.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}
