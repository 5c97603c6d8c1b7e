import fc from "fast-check";
import { expect, test } from "vitest";
import { visible, visibleLine } from "./visible.ts";

test("what a terminal obeys or nobody sees is written out, all other text stays", () => {
  expect(visible("a\u001b[31mb\u0007\r\u007f\u009bc")).toBe(
    "a\\u001b[31mb\\u0007\\u000d\\u007f\\u009bc",
  );
  expect(visible("evil\u202egnp.exe\u2066\u2028\uffff")).toBe(
    "evil\\u202egnp.exe\\u2066\\u2028\\uffff",
  );
  expect(visible('half \ud83d, whole \u{1f52c}, Müller 骨 \\ "x" <b>')).toBe(
    'half \\ud83d, whole \u{1f52c}, Müller 骨 \\ "x" <b>',
  );
  expect(visible("two\nlines\tof text")).toBe("two\nlines\tof text");
  expect(visibleLine("two\nlines\tof text\u001b")).toBe("two\\nlines\\tof text\\u001b");
});

test("no text shows a control character, and JSON keeps its meaning", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
  );
  fc.assert(
    fc.property(text, (value) => {
      expect(visibleLine(value)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(visible(visible(value))).toBe(visible(value));
      expect(JSON.parse(visible(JSON.stringify([value], null, 2)))).toEqual([value]);
    }),
    { seed: 1, numRuns: 500 },
  );
});
