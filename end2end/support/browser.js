// One browser for a file, a fresh context for each person, and a test that fails when a page complained.

import { after, test } from "node:test";
import { mkdirSync } from "node:fs";

import { HOME, freePort, launch } from "./chromium.js";
import { watch } from "./complaints.js";

export const RESULTS = new URL("../results/", import.meta.url).pathname;

const WIDE = { width: 1280, height: 800 };
const SCENE_MILLISECONDS = 60_000;
const WAIT_MILLISECONDS = 10_000;

let launching;

function browser(port) {
  launching ??= launch({ port });
  return launching;
}

// Where another program may join the browser of this file. To be asked before the first page is opened.
export async function joinable() {
  const port = await freePort();
  await browser(port);
  return `http://127.0.0.1:${port}`;
}

after(async () => (await launching)?.close());

// A test whose name is a sentence. `play` is given `open`, which opens a page for one more person:
// `scripting`, `colorScheme`, `viewport`, `deviceScaleFactor`, `storageState`.
export function scene(sentence, play, { timeout = SCENE_MILLISECONDS } = {}) {
  test(sentence, { timeout }, async (t) => {
    const contexts = [];
    const open = async ({ scripting = true, viewport = WIDE, ...rest } = {}) => {
      const context = await (await browser()).newContext({
        baseURL: HOME,
        javaScriptEnabled: scripting,
        viewport,
        locale: "en-GB",
        ...rest,
      });
      context.setDefaultTimeout(WAIT_MILLISECONDS);
      contexts.push({ context, complaints: watch(context, HOME) });
      return context.newPage();
    };
    try {
      await play(open, t);
      for (const { complaints } of contexts) complaints.settle();
    } catch (error) {
      await picture(contexts, sentence);
      throw error;
    } finally {
      await Promise.all(contexts.map(({ context }) => context.close()));
    }
  });
}

// What every open page showed when a test failed.
async function picture(contexts, sentence) {
  mkdirSync(`${RESULTS}failures`, { recursive: true });
  const name = sentence.replaceAll(/[^\p{L}\p{N}]+/gu, "-").slice(0, 100);
  const pages = contexts.flatMap(({ context }) => context.pages());
  for (const [index, page] of pages.entries()) {
    await page.screenshot({ path: `${RESULTS}failures/${name}-${index + 1}.png` }).catch(() => {});
  }
}
