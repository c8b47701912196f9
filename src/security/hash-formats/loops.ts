// Digests that are repeated many thousand times. No library does it in the thread pool, and they would block the event loop
// for as long as they take: call them with `inWorker`.

import { hash } from 'node:crypto';

export const cryptAlphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The characters of some bytes, the first of which has the lowest bits. */
function encodeLittleEndian(bytes: Buffer, order: readonly number[]): string {
  let text = '';
  for (let i = 0; i < order.length; i += 3) {
    const three = order.slice(i, i + 3).map((at) => bytes[at]!);
    let bits = three.reduce((sum, byte, shift) => sum + byte * 256 ** shift, 0);
    for (let left = three.length + 1; left > 0; left--) {
      text += cryptAlphabet[bits % 64];
      bits = Math.floor(bits / 64);
    }
  }
  return text;
}

/** phpass: the digest of salt and password, then of the digest before and the password. */
function phpass(digest: 'md5' | 'sha512', password: string, salt: string, rounds: number): string {
  const bytes = Buffer.from(password);
  let key = hash(digest, Buffer.concat([Buffer.from(salt), bytes]), 'buffer');
  const message = Buffer.concat([key, bytes]);
  for (let i = 0; i < rounds; i++) {
    key.copy(message);
    key = hash(digest, message, 'buffer');
  }
  return encodeLittleEndian(key, [...key.keys()]);
}

/** The numbered steps are those of the specification. */
function shaCrypt(digest: 'sha256' | 'sha512', password: string, saltText: string, rounds: number): string {
  const sum = (...parts: readonly Buffer[]) => hash(digest, Buffer.concat(parts), 'buffer');
  const key = Buffer.from(password);
  const salt = Buffer.from(saltText);
  const b = sum(key, salt, key);
  const bits: Buffer[] = [];
  for (let left = key.length; left > 0; left >>= 1) bits.push(left & 1 ? b : key);
  let c = sum(key, salt, stretch(b, key.length), ...bits);
  const p = stretch(sum(...Array<Buffer>(key.length).fill(key)), key.length);
  const s = stretch(sum(...Array<Buffer>(16 + c[0]!).fill(salt)), salt.length);
  // Step 21. What goes before and behind the digest repeats every 42 rounds.
  const rows = Array.from({ length: 42 }, (_, i) => {
    const middle = [...(i % 3 ? [s] : []), ...(i % 7 ? [p] : [])];
    const before = Buffer.concat(i % 2 ? [p, ...middle] : []);
    const after = Buffer.concat(i % 2 ? [] : [...middle, p]);
    return { message: Buffer.concat([before, c, after]), at: before.length };
  });
  for (let i = 0; i < rounds; i++) {
    const { message, at } = rows[i % 42]!;
    c.copy(message, at);
    c = hash(digest, message, 'buffer');
  }
  return encodeLittleEndian(c, orders[digest]);
}

function stretch(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/** Step 22: three bytes at a time, each from a third of the digest, in an order that turns. */
function turning(third: number, step: number, last: readonly number[]): number[] {
  const order: number[] = [];
  for (let i = 0, first = 0; i < third; i++, first = (first + step * third + 1) % (3 * third)) {
    const at = (turn: number) => (first + turn * third) % (3 * third);
    order.push(at(2), at(1), at(0));
  }
  return [...order, ...last];
}

const orders = {
  sha256: turning(10, 2, [30, 31]),
  sha512: turning(21, 1, [63]),
};

export const loops = { phpass, shaCrypt };
