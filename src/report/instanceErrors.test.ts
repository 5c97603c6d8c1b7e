import { expect, test } from "vitest";
import type { Labels } from "../tensor/raster.ts";
import { instanceErrors } from "./instanceErrors.ts";

/** A row of pixels, a digit the id of the instance. */
const row = (ids: string): Labels => {
  const instances = Int32Array.from(ids, Number);
  return {
    width: ids.length,
    height: 1,
    instances,
    classes: Uint8Array.from(instances, Math.sign),
  };
};

const errorsOf = (truth: string, prediction: string) =>
  Object.fromEntries(
    Object.entries(instanceErrors(row(truth), row(prediction))).map(([name, ids]) => [
      name,
      [...(ids as ReadonlySet<number>)],
    ]),
  );

const none = { missed: [], invented: [], merged: [], split: [], fragments: [] };

test("a match with an IoU above 0.5 is no error, one of exactly 0.5 is two", () => {
  expect(errorsOf("1110", "7770")).toEqual(none);
  expect(errorsOf("1122", "5502")).toEqual({ ...none, missed: [2], invented: [2] });
});

test("objects without a counterpart are missed or invented", () => {
  expect(errorsOf("1100222", "0033222")).toEqual({ ...none, missed: [1], invented: [3] });
});

test("a prediction over several objects is merged, and none of them missed", () => {
  expect(errorsOf("1112220", "4444440")).toEqual({ ...none, merged: [4] });
  // It matches the large one and swallows the small one all the same.
  expect(errorsOf("1111120", "4444440")).toEqual({ ...none, merged: [4] });
});

test("an object under several predictions is split, and none of them invented", () => {
  expect(errorsOf("1111110", "2223330")).toEqual({ ...none, split: [1], fragments: [2, 3] });
});

test("without instances there is nothing wrong", () => {
  expect(errorsOf("000", "000")).toEqual(none);
});
