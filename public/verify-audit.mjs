#!/usr/bin/env node
// Checks evidence from a Stoa audit log: the proof of one row, or a bundle of rows. It needs Node.js 20 or newer and
// nothing else, asks no server, and shares no code with the one that made the evidence.
//
//   node verify-audit.mjs FILE --key BASE64 [--key BASE64 …] [--witness FILE …]
//
// --key      a public key that you trust: 32 bytes in base64, as the operator publishes them. Get it apart from FILE.
// --witness  checkpoints that were kept elsewhere: lines of {"note": …}, or one signed checkpoint.
//
// The exit status is 0 where everything holds, 1 where something does not, and 2 where it could not be checked.

import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

// ---- Leaves: SHA-256(0x00 || "stoa-audit-v1" || one commitment a field), in this order.

const FIELDS = (
  "id log_id tenant_id workspace_id project_id environment occurred_at action actor_type actor_id actor_name " +
  "on_behalf_of_id on_behalf_of_name credential_id client channel route target_type target_id target_name outcome " +
  "reason request_id client_request_id ip user_agent input_hash changes"
).split(" ");

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

// 64 bits, the highest first.
const length = (bytes) => Buffer.from(Buffer.byteLength(bytes).toString(16).padStart(16, "0"), "hex");

// Node's own decoder passes over what is not base64; here that is an error.
function base64(text, bytes) {
  const read = typeof text === "string" ? Buffer.from(text, "base64") : undefined;
  if (!read || read.toString("base64") !== text || (bytes !== undefined && read.length !== bytes)) throw new Error("no base64");
  return read;
}

const hashes = (texts) => texts.map((text) => base64(text, 32));

// SHA-256(len(name) || name || salt || 0), or … || 1 || len(value) || value).
function commitment(name, field) {
  if ("commitment" in field) return base64(field.commitment, 32);
  const value = "base64" in field ? base64(field.base64) : field.value === null ? null : Buffer.from(field.value, "utf8");
  const head = [length(name), name, base64(field.salt, 16)];
  return value === null ? sha256(...head, Buffer.of(0)) : sha256(...head, Buffer.of(1), length(value), value);
}

// The leaf of a row that says itself that it stands in the log of this origin; of one whose body is gone, what it states.
function leafOf(row, origin) {
  const stated = base64(row.leaf, 32);
  if (!row.fields) return stated;
  if (row.leaf_version !== 1) throw new Error(`${nameOf(row)}: leaf version ${row.leaf_version} is not known here`);
  const names = Object.keys(row.fields);
  if (names.length !== FIELDS.length || !FIELDS.every((name) => Object.hasOwn(row.fields, name))) {
    throw new Error(`${nameOf(row)}: its fields are not those of leaf version 1`);
  }
  const made = sha256(Buffer.of(0), "stoa-audit-v1", ...FIELDS.map((name) => commitment(name, row.fields[name])));
  if (!made.equals(stated)) throw new Error(`${nameOf(row)}: its values are not those that were sealed`);
  if (!origin.endsWith(`/audit/${row.fields.log_id.value}`)) throw new Error(`${nameOf(row)}: it stands in another log than ${origin}`);
  return stated;
}

// A row is called by its number and by the id that people see: `aud_` and base32 over the UUID.
function nameOf(row) {
  const id = row.fields?.id?.value;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id ?? "")) return `row ${row.index}`;
  let bits = BigInt(`0x${id.replaceAll("-", "")}`);
  let text = "";
  for (let place = 0; place < 26; place += 1, bits >>= 5n) text = "0123456789abcdefghjkmnpqrstvwxyz"[Number(bits & 31n)] + text;
  return `row ${row.index} (aud_${text})`;
}

// ---- The tree: RFC 6962. Sizes are numbers; a log of 2^53 rows is out of reach.

const node = (left, right) => sha256(Buffer.of(1), left, right);
const isOdd = (number) => number % 2 === 1;
const half = (number) => Math.floor(number / 2);

// The whole subtrees of the rows so far, the largest first.
class Edge {
  constructor(size, hashes) {
    const ones = size.toString(2).replaceAll("0", "").length;
    if (hashes.length !== ones) throw new Error("the hashes on the left are not those of so many rows");
    this.size = size;
    this.hashes = hashes;
  }

  push(leaf) {
    let hash = leaf;
    for (let rest = this.size; isOdd(rest); rest = half(rest)) hash = node(this.hashes.pop(), hash);
    this.hashes.push(hash);
    this.size += 1;
  }

  root() {
    return this.hashes.length === 0 ? sha256() : this.hashes.reduceRight((right, left) => node(left, right));
  }
}

// From a node up to the root, beside the hashes of a path (RFC 9162 §2.1.3.2): the root of the tree that ended with that node, and that of the
// whole one. Nothing where there are more or fewer hashes than there are to be.
function climb(place, last, begin, path) {
  let [old, recent] = [begin, begin];
  for (const beside of path) {
    if (last === 0) return [];
    if (isOdd(place) || place === last) {
      [old, recent] = [node(beside, old), node(beside, recent)];
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      recent = node(recent, beside);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? [old, recent] : [];
}

// RFC 9162 §2.1.4.2.
function isConsistent(first, firstRoot, second, secondRoot, path) {
  if (first === second) return path.length === 0 && firstRoot.equals(secondRoot);
  if (first === 0) return path.length === 0;
  const [begin, ...rest] = Number.isInteger(Math.log2(first)) ? [firstRoot, ...path] : path;
  if (first > second || !begin) return false;
  let [place, last] = [first - 1, second - 1];
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  const [old, recent] = climb(place, last, begin, rest);
  return old !== undefined && old.equals(firstRoot) && recent.equals(secondRoot);
}

// ---- Checkpoints: C2SP tlog-checkpoint and signed-note, Ed25519.

// What is signed, and the lines of it, whoever signed it.
function parse(note) {
  const at = typeof note === "string" ? note.lastIndexOf("\n\n") : -1;
  if (at < 0 || !note.endsWith("\n")) throw new Error("this is no signed note");
  const text = note.slice(0, at + 1);
  const signatures = note.slice(at + 2, -1).split("\n").map((line) => line.split(" "));
  return { text, lines: text.split("\n"), signatures };
}

// The prefix makes of 32 bytes the form in which Node takes an Ed25519 key (RFC 8410).
const publicKey = (bytes) =>
  createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes]), format: "der", type: "spki" });

// Asks whether a key of these signed it under that name.
function askSigned(note, name, keys, called) {
  const { text, signatures } = parse(note);
  for (const key of keys) {
    const hint = sha256(name, "\n", Buffer.of(1), key).subarray(0, 4);
    for (const [dash, signer, signature, ...more] of signatures) {
      if (dash !== "—" || more.length > 0) throw new Error(`${called}: this is no signed note`);
      const bytes = base64(signature);
      if (signer !== name || !bytes.subarray(0, 4).equals(hint)) continue;
      if (verify(null, Buffer.from(text, "utf8"), publicKey(key), bytes.subarray(4))) return;
      throw new Error(`${called}: its signature does not hold`);
    }
  }
  throw new Error(`${called}: no key that was given signed it`);
}

function openNote(note, keys) {
  const [origin, size, root] = parse(note).lines;
  if (!origin || !/^(0|[1-9][0-9]*)$/.test(size ?? "")) throw new Error("this is no signed checkpoint");
  askSigned(note, origin, keys, `the checkpoint of ${size} rows of ${origin}`);
  return { origin, size: Number(size), root: base64(root, 32) };
}

// ---- Evidence.

class Check {
  problems = [];
  rows = 0;
  gone = [];

  constructor(keys, notes) {
    Object.assign(this, { keys, notes });
  }

  // What `look` finds wrong is kept, and the check goes on.
  try(look) {
    try {
      return look();
    } catch (error) {
      return void this.problems.push(error.message);
    }
  }

  // The checkpoint that all of it is under, and what was kept elsewhere of the same log.
  open(version, note) {
    if (version !== 1) throw new Error(`version ${version} of this form is not known here`);
    this.checkpoint = openNote(note, this.keys);
    const own = this.notes.filter((kept) => kept.startsWith(`${this.checkpoint.origin}\n`));
    this.witnessed = own.map((kept) => this.try(() => openNote(kept, this.keys))).filter(Boolean);
  }

  askWitness(size, root) {
    for (const kept of this.witnessed.filter((one) => one.size === size && !one.root.equals(root()))) {
      this.problems.push(`the witnessed checkpoint of ${size} rows of ${kept.origin} is of another log: it was forked, or rewritten`);
    }
  }

  askTree(row, path) {
    const { origin, size, root } = this.checkpoint;
    const [, whole] = row.index < size ? climb(row.index, size - 1, leafOf(row, origin), hashes(path)) : [];
    if (whole?.equals(root)) return;
    throw new Error(`${nameOf(row)}: it is not in the tree of the checkpoint of ${size} rows`);
  }

  // A row of the log that says which rows, or which of their fields, went by law: always such as came before it.
  record({ record, path }) {
    this.askTree(record, path);
    const note = JSON.parse(record.fields?.changes?.value ?? "[]").find((change) => change.field === "note")?.after;
    askSigned(note, this.checkpoint.origin, this.keys, `${nameOf(record)}: what it says went`);
    const [origin, kind, rows, fields] = parse(note).lines;
    if (origin !== this.checkpoint.origin || kind !== "stoa-audit-removal") throw new Error(`${nameOf(record)}: it is no record of what went`);
    for (const run of rows.split(",")) {
      const [first, last = first] = run.split("-").map(Number);
      if (!(first <= last && last < record.index)) throw new Error(`${nameOf(record)}: it speaks of rows that came after it`);
      this.gone.push({ first, last, fields: fields.split(",") });
    }
  }

  askGone(row) {
    const spoken = this.gone.filter((run) => run.first <= row.index && row.index <= run.last).flatMap((run) => run.fields);
    const missing = row.fields ? FIELDS.filter((name) => "commitment" in row.fields[name]) : ["*"];
    const lost = missing.find((name) => !spoken.includes(name));
    const what = lost === "*" ? "body is gone" : `${lost} was erased`;
    if (lost) throw new Error(`${nameOf(row)}: its ${what}, and no record says that it went by law`);
  }

  row({ stoa_audit_proof: version, row, path, checkpoint: note, records = [] }) {
    this.open(version, note);
    this.askTree(row, path);
    for (const record of records) this.record(record);
    this.askGone(row);
    this.rows = 1;
    this.askWitness(this.checkpoint.size, () => this.checkpoint.root);
  }

  async bundle(head, lines) {
    this.open(head.stoa_audit_bundle, head.checkpoint);
    const edge = new Edge(head.first, hashes(head.left));
    for await (const line of lines) {
      if (line.trim() === "") continue;
      const value = JSON.parse(line);
      if ("checkpoint" in value) this.try(() => this.between(openNote(value.checkpoint, this.keys), edge));
      else if ("record" in value) this.try(() => this.record(value));
      else {
        if (value.index !== edge.size) throw new Error(`${nameOf(value)}: row ${edge.size} was to come here`);
        const isGood = this.try(() => leafOf(value, this.checkpoint.origin) && (this.askGone(value), true));
        if (isGood && value.fields) this.rows += 1;
        edge.push(base64(value.leaf, 32));
        this.askWitness(edge.size, () => edge.root());
      }
    }
    if (edge.size !== head.last) throw new Error(`rows ${edge.size} to ${head.last - 1} are missing at the end`);
    if (isConsistent(edge.size, edge.root(), this.checkpoint.size, this.checkpoint.root, hashes(head.path))) return;
    throw new Error(`these rows are not those that the checkpoint of ${this.checkpoint.size} rows was signed over`);
  }

  between({ origin, size, root }, edge) {
    if (origin === this.checkpoint.origin && size === edge.size && root.equals(edge.root())) return;
    throw new Error(`the checkpoint of ${size} rows of ${origin} was signed over other rows`);
  }
}

// One note as it is, or a line for each, of which a crash may have torn one.
function notesIn(text) {
  const lines = text.matchAll(/^\{"note": ?(".*")\}$/gm);
  return text.startsWith("{") ? Array.from(lines, ([, note]) => JSON.parse(note)) : [text];
}

async function main(words) {
  const many = { type: "string", multiple: true, default: [] };
  const { values: given, positionals: files } = parseArgs({ args: words, allowPositionals: true, options: { key: many, witness: many } });
  if (files.length !== 1 || given.key.length === 0) {
    console.error("usage: node verify-audit.mjs FILE --key BASE64 [--key BASE64 …] [--witness FILE …]");
    return 2;
  }
  const check = new Check(hashes(given.key), given.witness.flatMap((file) => notesIn(readFileSync(file, "utf8"))));
  const lines = createInterface({ input: createReadStream(files[0], "utf8"), crlfDelay: Infinity })[Symbol.asyncIterator]();
  const { value: first } = await lines.next();
  try {
    if (first?.includes('"stoa_audit_bundle"')) await check.bundle(JSON.parse(first), { [Symbol.asyncIterator]: () => lines });
    else {
      const proof = JSON.parse(readFileSync(files[0], "utf8"));
      check.row(proof.data ?? proof);
    }
  } catch (error) {
    check.problems.push(error.message);
  }
  for (const problem of check.problems) console.log(`WRONG ${problem}`);
  console.log(`${check.rows} rows looked at`);
  console.log(check.problems.length === 0 ? "nothing sealed was changed" : `${check.problems.length} thing(s) are not as they were signed`);
  return check.problems.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(process.exit, (error) => {
  console.error(`verify-audit: ${error.message}`);
  process.exit(2);
});
