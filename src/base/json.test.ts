import fc from "fast-check";
import { expect, test } from "vitest";
import { mostLevels, parseJson } from "./json.ts";

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

test("JSON reads as JSON.parse reads it, with or without a byte order mark", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
      expect(parseJson(`\uFEFF${text}`)).toEqual(JSON.parse(text));
    }),
    { seed: 1, numRuns: 200 },
  );
  expect(parseJson('{"a": 1}', (key, value) => (key === "a" ? [value] : value))).toEqual({
    a: [1],
  });
  expect(() => parseJson('{"a": ')).toThrow(SyntaxError);
});

test("nesting deeper than any walk through the value could go is refused", () => {
  expect(parseJson(nested(mostLevels))).toBeDefined();
  const message = "lists and objects nested deeper than 100 levels";
  expect(() => parseJson(nested(mostLevels + 1))).toThrow(message);
  expect(() => parseJson(`{"a":${'{"a":'.repeat(1e6)}`)).toThrow(message);
  expect(() => parseJson("[".repeat(1e7))).toThrow(message);
});

test("brackets in texts and one after another are no nesting", () => {
  const text = JSON.stringify([
    nested(500),
    '\\"[[',
    ...Array.from({ length: 300 }, () => ({ a: [] })),
  ]);
  expect(parseJson(text)).toEqual(JSON.parse(text));
});
