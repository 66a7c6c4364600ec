// Lighthouse on a page that the rest of the suite opened: it joins the browser by a connection of its own.

import puppeteer from "puppeteer-core";

const connections = new Map();

// As Lighthouse knows the page that somebody has before them.
export async function inLighthouse(page, browserURL) {
  if (!connections.has(browserURL)) connections.set(browserURL, puppeteer.connect({ browserURL, defaultViewport: null }));
  const browser = await connections.get(browserURL);
  const wanted = await idOf(await page.context().newCDPSession(page));
  // A page that was opened just now comes to the other connection a moment later.
  const target = await browser.waitForTarget(async (each) => each.type() === "page" && await idOfTarget(each) === wanted);
  return target.page();
}

async function idOfTarget(target) {
  try {
    return await idOf(await target.createCDPSession());
  } catch {
    // It was closed meanwhile.
    return undefined;
  }
}

async function idOf(session) {
  const { targetInfo } = await session.send("Target.getTargetInfo");
  await session.detach();
  return targetInfo.targetId;
}
