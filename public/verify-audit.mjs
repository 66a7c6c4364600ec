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

// ---- Leaves: SHA-256(0x00 || "stoa-audit-v1" || one commitment a field), in this order.

const FIELDS = (
  "id log_id tenant_id workspace_id project_id environment occurred_at action actor_type actor_id actor_name " +
  "on_behalf_of_id on_behalf_of_name credential_id client channel route target_type target_id target_name outcome " +
  "reason request_id client_request_id ip user_agent input_hash changes"
).split(" ");

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

const length = (bytes) => {
  const written = Buffer.alloc(8);
  written.writeBigUInt64BE(BigInt(bytes.length));
  return written;
};

// Node's own decoder passes over what is not base64; here that is an error.
function base64(text, bytes) {
  const read = typeof text === "string" ? Buffer.from(text, "base64") : undefined;
  if (!read || read.toString("base64") !== text || (bytes !== undefined && read.length !== bytes)) throw new Error("no base64");
  return read;
}

// SHA-256(len(name) || name || salt || 0), or … || 1 || len(value) || value).
function commitment(name, field) {
  if ("commitment" in field) return base64(field.commitment, 32);
  const value = "base64" in field ? base64(field.base64) : field.value === null ? null : Buffer.from(field.value, "utf8");
  const named = Buffer.from(name, "utf8");
  const head = [length(named), named, base64(field.salt, 16)];
  return value === null ? sha256(...head, Buffer.of(0)) : sha256(...head, Buffer.of(1), length(value), value);
}

function leafOf(row) {
  const stated = base64(row.leaf, 32);
  if (!row.fields) throw new Error(`${nameOf(row)}: its body is gone, its leaf alone is left`);
  if (row.leaf_version !== 1) throw new Error(`${nameOf(row)}: leaf version ${row.leaf_version} is not known here`);
  const names = Object.keys(row.fields);
  if (names.length !== FIELDS.length || !FIELDS.every((name) => Object.hasOwn(row.fields, name))) {
    throw new Error(`${nameOf(row)}: its fields are not those of leaf version 1`);
  }
  const made = sha256(Buffer.of(0), "stoa-audit-v1", ...FIELDS.map((name) => commitment(name, row.fields[name])));
  if (!made.equals(stated)) throw new Error(`${nameOf(row)}: its values are not those that were sealed`);
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
    let ones = 0;
    for (let rest = size; rest > 0; rest = half(rest)) ones += rest % 2;
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

// RFC 9162 §2.1.3.2.
function isIncluded(leaf, index, size, path, root) {
  if (!(index < size)) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const beside of path) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      hash = node(beside, hash);
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = node(hash, beside);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && hash.equals(root);
}

// RFC 9162 §2.1.4.2.
function isConsistent(first, firstRoot, second, secondRoot, path) {
  if (first === second) return path.length === 0 && firstRoot.equals(secondRoot);
  if (first === 0) return path.length === 0;
  if (first > second) return false;
  const isPower = Number.isInteger(Math.log2(first));
  const [begin, ...rest] = isPower ? [firstRoot, ...path] : path;
  if (!begin) return false;
  let [place, last, old, recent] = [first - 1, second - 1, begin, begin];
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  for (const beside of rest) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      [old, recent] = [node(beside, old), node(beside, recent)];
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      recent = node(recent, beside);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && old.equals(firstRoot) && recent.equals(secondRoot);
}

// ---- Checkpoints: C2SP tlog-checkpoint and signed-note, Ed25519.

function parseNote(note) {
  const at = typeof note === "string" ? note.lastIndexOf("\n\n") : -1;
  const [origin, size, root] = at < 0 ? [] : note.slice(0, at).split("\n");
  if (!origin || !/^(0|[1-9][0-9]*)$/.test(size ?? "") || !note.endsWith("\n")) throw new Error("this is no signed checkpoint");
  const text = note.slice(0, at + 1);
  const signatures = note.slice(at + 2, -1).split("\n").map((line) => {
    const [dash, name, signature, ...more] = line.split(" ");
    if (dash !== "—" || more.length > 0) throw new Error("this is no signed checkpoint");
    return { name, signature: base64(signature) };
  });
  return { origin, size: Number(size), root: base64(root, 32), text, signatures };
}

// The prefix makes of 32 bytes the form in which Node takes an Ed25519 key (RFC 8410).
const publicKey = (bytes) =>
  createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes]), format: "der", type: "spki" });

function openNote(note, keys) {
  const checkpoint = parseNote(note);
  const { origin, text, size } = checkpoint;
  for (const key of keys) {
    const hint = sha256(origin, Buffer.from("\n\x01", "latin1"), key).subarray(0, 4);
    for (const { name, signature } of checkpoint.signatures) {
      if (name !== origin || !signature.subarray(0, 4).equals(hint)) continue;
      if (verify(null, Buffer.from(text, "utf8"), publicKey(key), signature.subarray(4))) return checkpoint;
      throw new Error(`the checkpoint of ${size} rows of ${origin}: its signature does not hold`);
    }
  }
  throw new Error(`the checkpoint of ${size} rows of ${origin}: no key that was given signed it`);
}

// ---- Evidence.

class Check {
  constructor(keys, notes) {
    this.keys = keys;
    this.notes = notes;
    this.problems = [];
    this.rows = 0;
  }

  // What `look` finds wrong is kept, and the check goes on.
  try(look) {
    try {
      return look();
    } catch (error) {
      this.problems.push(error.message);
      return undefined;
    }
  }

  witnessed(origin) {
    const own = this.notes.filter((note) => this.try(() => parseNote(note))?.origin === origin);
    return own.map((note) => this.try(() => openNote(note, this.keys))).filter(Boolean);
  }

  askWitness(witnessed, size, root) {
    for (const kept of witnessed.filter((one) => one.size === size && !one.root.equals(root()))) {
      this.problems.push(`the witnessed checkpoint of ${size} rows of ${kept.origin} is of another log: it was forked, or rewritten`);
    }
  }

  askLog(row, checkpoint) {
    const stands = row.fields?.log_id?.value;
    if (stands && !checkpoint.origin.endsWith(`/audit/${stands}`)) {
      this.problems.push(`${nameOf(row)}: it stands in another log than ${checkpoint.origin}`);
    }
  }

  row({ stoa_audit_proof: version, row, path, checkpoint: note }) {
    if (version !== 1) throw new Error(`version ${version} of this form is not known here`);
    const checkpoint = openNote(note, this.keys);
    const leaf = leafOf(row);
    this.askLog(row, checkpoint);
    if (!isIncluded(leaf, row.index, checkpoint.size, path.map((hash) => base64(hash, 32)), checkpoint.root)) {
      throw new Error(`${nameOf(row)}: it is not in the tree of the checkpoint of ${checkpoint.size} rows`);
    }
    this.rows = 1;
    this.askWitness(this.witnessed(checkpoint.origin), checkpoint.size, () => checkpoint.root);
  }

  async bundle(head, lines) {
    if (head.stoa_audit_bundle !== 1) throw new Error(`version ${head.stoa_audit_bundle} of this form is not known here`);
    const checkpoint = openNote(head.checkpoint, this.keys);
    const edge = new Edge(head.first, head.left.map((hash) => base64(hash, 32)));
    const witnessed = this.witnessed(checkpoint.origin);
    for await (const line of lines) {
      if (line.trim() === "") continue;
      const value = JSON.parse(line);
      if ("checkpoint" in value) this.try(() => this.between(openNote(value.checkpoint, this.keys), edge, checkpoint.origin));
      else {
        if (value.index !== edge.size) throw new Error(`${nameOf(value)}: row ${edge.size} was to come here`);
        this.askLog(value, checkpoint);
        if (this.try(() => leafOf(value))) this.rows += 1;
        edge.push(base64(value.leaf, 32));
        this.askWitness(witnessed, edge.size, () => edge.root());
      }
    }
    if (edge.size !== head.last) throw new Error(`rows ${edge.size} to ${head.last - 1} are missing at the end`);
    const path = head.path.map((hash) => base64(hash, 32));
    if (!isConsistent(edge.size, edge.root(), checkpoint.size, checkpoint.root, path)) {
      throw new Error(`these rows are not those that the checkpoint of ${checkpoint.size} rows was signed over`);
    }
  }

  between(checkpoint, edge, origin) {
    if (checkpoint.origin !== origin) throw new Error(`the checkpoint of ${checkpoint.size} rows is of ${checkpoint.origin}, and this is ${origin}`);
    if (checkpoint.size !== edge.size || !checkpoint.root.equals(edge.root())) {
      throw new Error(`the checkpoint of ${checkpoint.size} rows of ${origin} was signed over other rows`);
    }
  }
}

// Lines of which a crash may have torn one, or one note as it is.
function notesIn(text) {
  if (!text.startsWith("{")) return [text];
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line).note];
    } catch { return []; }
  });
}

async function main(words) {
  const given = { files: [], "--key": [], "--witness": [] };
  for (let at = 0; at < words.length; at += 1) {
    if (words[at] in given && words[at].startsWith("--")) given[words[at]].push(words[(at += 1)]);
    else given.files.push(words[at]);
  }
  if (given.files.length !== 1 || given["--key"].length === 0) {
    console.error("usage: node verify-audit.mjs FILE --key BASE64 [--key BASE64 …] [--witness FILE …]");
    return 2;
  }
  const keys = given["--key"].map((key) => base64(key, 32));
  const check = new Check(keys, given["--witness"].flatMap((file) => notesIn(readFileSync(file, "utf8"))));
  const lines = createInterface({ input: createReadStream(given.files[0], "utf8"), crlfDelay: Infinity })[Symbol.asyncIterator]();
  const { value: first } = await lines.next();
  try {
    const head = first?.includes('"stoa_audit_bundle"') ? JSON.parse(first) : undefined;
    if (head) await check.bundle(head, { [Symbol.asyncIterator]: () => lines });
    else {
      const proof = JSON.parse(readFileSync(given.files[0], "utf8"));
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
