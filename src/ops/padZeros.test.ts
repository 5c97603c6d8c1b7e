import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { neg } from "./neg.ts";
import { asPadded, padZeros } from "./padZeros.ts";

test.each([
  { shape: [3], axis: 0, before: 2, after: 1 },
  { shape: [1], axis: 0, before: 0, after: 3 },
  { shape: [2, 3, 5], axis: 1, before: 1, after: 0 },
  { shape: [2, 3, 5, 7], axis: 3, before: 2, after: 2 },
])("zeros before and after, and the gradient: %j", async ({ shape, axis, before, after }) => {
  await checkOp(
    (x) => padZeros(x, axis, before, after),
    [shape],
    (x) =>
      build(
        shape.map((d, i) => (i === axis ? before + d + after : d)),
        (...index) => at(x, ...index.map((k, i) => (i === axis ? k - before : k))),
      ),
  );
});

test("no zeros make no node", () => {
  const x = input("x", [2, 3]);
  expect(padZeros(x, 1, 0, 0)).toBe(x);
});

test("a padded value tells what it was made of, others tell nothing", () => {
  const x = input("x", [2, 3]);
  const padding = { axis: 1, before: 1, after: 2 };
  expect(asPadded(padZeros(x, 1, 1, 2))).toEqual({ inner: x, padding });
  expect(asPadded(neg(x))).toBeNull();
  expect(asPadded(x)).toBeNull();
});
