// Stripe played back, as a server of its own: answers as recorded, a page to pay at, and the signed events that Stripe sends
// when somebody has paid. It is not Stripe: docs/decisions/0024 says what that leaves open.
//
//   node support/till.js PORT CONSOLE    with STOA_PAYMENT__STRIPE__SECRET_KEY and …__WEBHOOK_SECRET

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const RECORDED = new URL("../../tests/payments/stripe/", import.meta.url);
const NUMBERS = ["CENTS", "REFUNDED", "CREATED"];
const { STOA_PAYMENT__STRIPE__SECRET_KEY: KEY, STOA_PAYMENT__STRIPE__WEBHOOK_SECRET: SECRET } = process.env;
const [port, home] = process.argv.slice(2);
const till = `http://127.0.0.1:${port}`;
const sessions = new Map();
let made = 0;

// A recorded body with what stands in capitals filled in.
function recorded(name, values) {
  const text = readFileSync(new URL(`${name}.json`, RECORDED), "utf8");
  return Object.entries(values).reduce((filled, [key, value]) => {
    const numbers = NUMBERS.includes(key) ? filled.replaceAll(`"${key}"`, value) : filled;
    return numbers.replaceAll(key, value);
  }, text);
}

function customer(form) {
  return recorded("customer", { CUSTOMER: `cus_${(made += 1)}`, TENANT: form.get("metadata[stoa_tenant]") });
}

function session(form) {
  const values = {
    SESSION: `cs_test_${(made += 1)}`,
    CUSTOMER: form.get("customer"),
    TENANT: form.get("metadata[stoa_tenant]"),
    TOP_UP: form.get("metadata[stoa_top_up]"),
    CENTS: form.get("line_items[0][price_data][unit_amount]"),
    CURRENCY: "usd",
    BACK: form.get("success_url"),
  };
  sessions.set(values.SESSION, values);
  const now = Math.floor(Date.now() / 1000);
  const body = { ...JSON.parse(recorded("checkout_session", values)), url: `${till}/pay/${values.SESSION}`, created: now, expires_at: now + 86_400 };
  return JSON.stringify(body);
}

function portal(form) {
  const body = JSON.parse(recorded("portal_session", { CUSTOMER: form.get("customer"), BACK: form.get("return_url") }));
  return JSON.stringify({ ...body, url: `${till}/portal?back=${encodeURIComponent(form.get("return_url"))}` });
}

const ASKED = { "/v1/customers": customer, "/v1/checkout/sessions": session, "/v1/billing_portal/sessions": portal };

// What is told when somebody has paid, until it is heard.
async function tell(values) {
  const created = Math.floor(Date.now() / 1000);
  const event = recorded("session_completed", { ...values, EVENT: `evt_${(made += 1)}`, PAYMENT: `pi_${values.SESSION}`, CREATED: created });
  const v1 = createHmac("sha256", SECRET).update(`${created}.${event}`).digest("hex");
  const headers = { "content-type": "application/json; charset=utf-8", "stripe-signature": `t=${created},v1=${v1}` };
  const answer = await fetch(`${home}/payments/stripe/events`, { method: "POST", headers, body: event });
  if (answer.status !== 200) throw new Error(`the console answered ${answer.status}`);
}

const page = (title, body) => `<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><title>${title}</title>
<link rel="icon" href="data:,"><h1>${title}</h1>${body}</html>`;

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url, till);
  const chunks = await Array.fromAsync(request);
  const body = Buffer.concat(chunks).toString();
  if (pathname.startsWith("/v1/")) {
    const is_known = request.headers.authorization === `Bearer ${KEY}` && request.headers["idempotency-key"] && ASKED[pathname];
    return is_known ? [200, ASKED[pathname](new URLSearchParams(body))] : [400, recorded("invalid_request", {})];
  }
  if (pathname === "/portal") return [200, page("Cards and receipts", `<a href="${searchParams.get("back")}">Return</a>`)];
  const values = sessions.get(pathname.replace("/pay/", ""));
  if (!values) return [404, page("Nothing here", "")];
  if (request.method === "POST") {
    await tell(values);
    return [303, "", values.BACK];
  }
  const amount = (Number(values.CENTS) / 100).toFixed(2);
  return [200, page(`Pay $${amount}`, `<form method="post"><button>Pay</button></form><a href="${values.BACK}">Back</a>`)];
}

createServer((request, response) => {
  answer(request)
    .catch((error) => [500, String(error)])
    .then(([status, body, location]) => {
      const type = body.startsWith("{") ? "application/json" : "text/html; charset=utf-8";
      response.writeHead(status, { "content-type": type, "request-id": "req_9", ...(location && { location }) }).end(body);
    });
}).listen(Number(port), "127.0.0.1");
