// What the console mailed, as the mail server of the suite has it.

import assert from "node:assert/strict";

const POSTBOX = process.env.STOA_E2E_MAIL_URL;
const PATIENCE_MILLISECONDS = 20_000;
const LOOK_MILLISECONDS = 100;

// All mails to an address, oldest first: `subject`, `text`, `html`, `headers`, `time`.
export async function mailsTo(address) {
  assert.ok(POSTBOX, "STOA_E2E_MAIL_URL names the mail server's address; scripts/with-demo starts one");
  const answer = await fetch(`${POSTBOX}/email`);
  assert.equal(answer.status, 200);
  const mails = (await answer.json()).filter((mail) => mail.to.some((to) => to.address === address));
  return mails.toSorted((a, b) => new Date(a.time) - new Date(b.time));
}

// The newest mail to an address, once there is one that `fits` (any, where nothing is said).
export async function latestMailTo(address, fits = () => true) {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const mail = (await mailsTo(address)).findLast(fits);
    if (mail) return mail;
    assert.ok(Date.now() < end, `no such mail to ${address} came`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

// The first address of the console that a mail's text holds: path and query.
export function linkIn(mail, home) {
  const url = mail.text.split(/\s+/).find((word) => word.startsWith(home));
  assert.ok(url, `a link in: ${mail.text}`);
  const { pathname, search } = new URL(url);
  return pathname + search;
}
