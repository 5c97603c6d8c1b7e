/** Damaged files from whole ones: bit flips, cuts, lengths that lie. */
import fc from "fast-check";

/** One change to the bytes of a file; places are shares of its length, so that they fit any file. */
export type Mutation =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "byte"; readonly at: number; readonly value: number }
  | {
      readonly kind: "number";
      readonly at: number;
      readonly value: number;
      readonly bytes: 2 | 4 | 8;
      readonly little: boolean;
    }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "remove"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number }
  | { readonly kind: "insert"; readonly at: number; readonly data: Uint8Array };

/** Mostly in the first bytes, where headers are; else anywhere. */
const place = fc.oneof(
  { weight: 2, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 160 }).map((byte) => -byte) },
);
const lengths = [0, 1, 2, 3, 0x7f, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000];

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("flip"), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({
    kind: fc.constant("byte"),
    at: place,
    value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 })),
  }),
  fc.record({
    kind: fc.constant("number"),
    at: place,
    value: fc.oneof(fc.constantFrom(...lengths, 0xffffffff), fc.nat({ max: 5000 })),
    bytes: fc.constantFrom(2, 4, 8),
    little: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("cut"), at: place }),
  fc.record({ kind: fc.constant("remove"), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("repeat"), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({
    kind: fc.constant("insert"),
    at: place,
    data: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  }),
);

/** One to four changes, or for one in twenty random bytes alone. */
export const damage: fc.Arbitrary<readonly Mutation[] | Uint8Array> = fc.oneof(
  { weight: 19, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
);

/** The file as it is after the damage. */
export function damaged(whole: Uint8Array, by: readonly Mutation[] | Uint8Array): Buffer {
  if (by instanceof Uint8Array) return Buffer.from(by);
  let bytes = Buffer.from(whole);
  for (const change of by) {
    if (bytes.length === 0) break;
    const last = bytes.length - 1;
    const at = Math.min(last, change.at <= 0 ? -change.at : Math.floor(change.at * bytes.length));
    switch (change.kind) {
      case "flip":
        bytes[at]! ^= 1 << change.bit;
        break;
      case "byte":
        bytes[at] = change.value;
        break;
      case "number": {
        const number = Buffer.alloc(8);
        if (change.little) number.writeBigUInt64LE(BigInt(change.value));
        else number.writeBigUInt64BE(BigInt(change.value));
        const part = change.little
          ? number.subarray(0, change.bytes)
          : number.subarray(-change.bytes);
        part.copy(bytes, at);
        break;
      }
      case "cut":
        bytes = bytes.subarray(0, at);
        break;
      case "remove":
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + change.length)]);
        break;
      case "repeat":
        bytes = Buffer.concat([bytes.subarray(0, at + change.length), bytes.subarray(at)]);
        break;
      case "insert":
        bytes = Buffer.concat([bytes.subarray(0, at), change.data, bytes.subarray(at)]);
        break;
    }
  }
  return bytes;
}
