import { expect, test } from "vitest";
import { countPixels } from "./countPixels.ts";
import { wordsOf } from "./wordsOf.ts";

test("bytes that no word view fits are copied and filled up with zeros", () => {
  const bytes = Uint8Array.of(9, 1, 0, 1, 1, 1);
  expect([...new Uint8Array(wordsOf(bytes.subarray(1)).buffer)]).toEqual([1, 0, 1, 1, 1, 0, 0, 0]);
  expect([...new Uint8Array(wordsOf(bytes.subarray(1, 5)).buffer)]).toEqual([1, 0, 1, 1]);
});

test("a mask that begins anywhere in its buffer counts the same", () => {
  const data = Uint8Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const at = (offset: number) => {
    const buffer = new Uint8Array(50).fill(7);
    buffer.set(data, offset);
    return { width: 8, height: 5, data: buffer.subarray(offset, offset + 40) };
  };
  for (const offset of [0, 1, 2, 3, 4])
    expect(countPixels(at(offset), at(0))).toMatchObject({ truePositives: 14, trueNegatives: 26 });
});
