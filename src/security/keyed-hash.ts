// HMAC-SHA-256 of many short texts under one key (RFC 2104).

import { hash } from 'node:crypto';

const blockBytes = 64;
const digestBytes = 32;
/** Longer texts get a buffer of their own. */
const maxReusedBytes = 192;

/**
 * The same as `createHmac('sha256', key)`, in half the time and without an object for the garbage collector: the blocks of
 * the key are prepared once, and each text takes two calls of the one-shot hash.
 * @returns a function that returns the HMAC of a text in lower-case hexadecimal
 */
export function keyedHash(key: string): (text: string) => string {
  const inner = Buffer.alloc(blockBytes + maxReusedBytes);
  const outer = Buffer.alloc(blockBytes + digestBytes);
  const block = Buffer.alloc(blockBytes);
  const bytes = Buffer.from(key);
  block.set(bytes.length > blockBytes ? hash('sha256', bytes, 'buffer') : bytes);
  for (const [i, byte] of block.entries()) {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  const prefix = inner.subarray(0, blockBytes);
  return (text) => {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const message =
      text.length * 3 > maxReusedBytes
        ? Buffer.concat([prefix, Buffer.from(text)])
        : inner.subarray(0, blockBytes + inner.write(text, blockBytes));
    outer.write(hash('sha256', message, 'latin1'), blockBytes, 'latin1');
    return hash('sha256', outer, 'hex');
  };
}
