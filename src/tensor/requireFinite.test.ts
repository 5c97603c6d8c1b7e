import { expect, test } from "vitest";
import { DataError } from "../base/errors.ts";
import { requireFinite } from "./requireFinite.ts";
import { tensor } from "./tensor.ts";

const named = (...values: number[][]) =>
  new Map(values.map((data, i) => [`t${i}`, tensor([data.length], data)]));

test("finite numbers pass, of any size, and no numbers at all", () => {
  requireFinite(named([0, -0, 3e38, -1e-45], []), "x");
});

test("the first value that is no number is named with its tensor and place, the other tensors by name", () => {
  const of = (...values: number[][]) => {
    try {
      requireFinite(named(...values), "last.safetensors");
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
      return (error as Error).message;
    }
    throw new Error("nothing was thrown");
  };
  expect(of([1], [2, NaN])).toBe(
    'last.safetensors: tensors must hold finite numbers, got NaN in "t1" at 1; take another file, as an earlier checkpoint',
  );
  expect(of([-Infinity], [1], [NaN], [NaN], [NaN], [NaN], [Infinity])).toContain(
    'got -Infinity in "t0" at 0 (and in 5 more: "t2", "t3", "t4", "t5", ...); take',
  );
});
