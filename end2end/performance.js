// What Lighthouse gives for performance, simulated on the wire and the processor of its two presets. No test: the
// figures depend on the machine, so `scripts/prove` asks for them. Fails where a median is under its bound.

import { defaultConfig, desktopConfig, navigation } from "lighthouse";

import { HOME, freePort, launch } from "./support/chromium.js";
import { inLighthouse } from "./support/lighthouse.js";
import { PAGES } from "./support/pages.js";
import { northwind } from "./support/ways.js";

const VISITS = 5;
const NAMES = ["sign-in", "workspaces", "overview", "settings"];
const PRESETS = [
  { preset: "desktop", config: desktopConfig, bound: 100 },
  { preset: "mobile", config: defaultConfig, bound: 97 },
];
const MILLISECONDS = { FCP: "first-contentful-paint", LCP: "largest-contentful-paint", SI: "speed-index", TBT: "total-blocking-time" };

const port = await freePort();
const browser = await launch({ port });
const open = async (options) => (await browser.newContext({ baseURL: HOME, ...options })).newPage();
const places = await northwind(open);

console.log(`Lighthouse, performance: median of ${VISITS} visits (least to most); medians of its metrics in ms`);
console.log(row("page", "preset", "score", "bound", Object.keys(MILLISECONDS), "CLS"));
for (const { preset, config, bound } of PRESETS) {
  for (const name of NAMES) {
    const entry = PAGES.find((page) => page.name === name);
    const visits = [];
    while (visits.length < VISITS) visits.push(await visit(entry, config));
    const scores = visits.map(({ categories }) => Math.round(categories.performance.score * 100));
    const medianOf = (id) => median(visits.map(({ audits }) => audits[id].numericValue));
    const score = median(scores);
    const metrics = Object.values(MILLISECONDS).map((id) => Math.round(medianOf(id)));
    const range = `${score} (${Math.min(...scores)}–${Math.max(...scores)})`;
    console.log(row(name, preset, range, `>= ${bound}`, metrics, medianOf("cumulative-layout-shift").toFixed(2)));
    if (score < bound) {
      console.log(`${name}, ${preset}: ${score} is under ${bound}`);
      process.exitCode = 1;
    }
  }
}
await browser.close();

// In a context of its own, with an empty cache.
async function visit(entry, config) {
  const page = await open({ storageState: entry.stranger ? undefined : places.state });
  const flags = { onlyCategories: ["performance"], disableFullPageScreenshot: true };
  const { lhr } = await navigation(await inLighthouse(page, `http://127.0.0.1:${port}`), HOME + entry.address(places), { config, flags });
  if (lhr.runtimeError) throw new Error(`${entry.name}: ${lhr.runtimeError.message}`);
  await page.getByRole("heading", { level: 1, name: entry.heading, exact: true }).waitFor();
  await page.context().close();
  return lhr;
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

function row(page, preset, score, bound, metrics, shift) {
  return [page.padEnd(12), preset.padEnd(8), score.padEnd(14), bound.padStart(6), ...[...metrics, shift].map((each) => String(each).padStart(6))].join(" ");
}
