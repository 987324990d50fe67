// The codes that an authenticator app shows (RFC 6238).
import { createHmac } from 'node:crypto';

/** From the secret as the page writes it. A code works once; `steps` of half a minute ahead is another one. */
export function code(secret: string, steps = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/\s/g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(step).digest();
  const four = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(four % 1_000_000).padStart(6, '0');
}
