// Whether a page fits its window, or could be moved sideways.

import assert from "node:assert/strict";

// How far the page could be moved sideways, and what sticks out.
export function overflow(page) {
  return page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    const wide = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5);
    return { by: Math.max(0, scrollWidth - innerWidth), culprits: wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)) };
  });
}

export async function assertFits(page, what) {
  const { by, culprits } = await overflow(page);
  assert.equal(by, 0, `${what} is ${by} px too wide: ${culprits.join("\n")}`);
}
