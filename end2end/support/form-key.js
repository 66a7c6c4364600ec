// The key of a form that was rendered at a time of one's choosing: TypeID over a UUIDv7 (RFC 9562 §5.7).

import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

export function formKeyOf(time) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(time.getTime(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  let bits = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let place = 0; place < 26; place += 1) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `frm_${text}`;
}
