// The Chromium that everything here drives, and the console that it is driven against.

import { createServer } from "node:net";

import { chromium } from "playwright-core";

export const HOME = new URL(process.env.STOA_URL ?? "http://127.0.0.1:3000").origin;

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// `port`: where other programs may join it, by the DevTools protocol.
export function launch({ port } = {}) {
  return chromium.launch({
    executablePath: process.env.STOA_CHROMIUM ?? "/usr/bin/chromium",
    args: port ? [...FLAGS, `--remote-debugging-port=${port}`] : FLAGS,
    // People have that cache, so what "Back" shows is only true with it.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
