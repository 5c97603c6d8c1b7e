import { expect, test } from "vitest";
import { augmentDefaults } from "../data/augment/augmentOptions.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { ArgumentError } from "../base/errors.ts";
import { augmentDefaultsSchema, augmentOptionNames, pickAugmentOptions } from "./augmentOptions.ts";
import { resolveConfig } from "./config.ts";
import { checkOptions } from "../base/options.ts";

test("a run augments by flips and rotations alone, unless told otherwise", () => {
  const { data } = resolveConfig({ data: { path: "images" } });
  expect(pickAugmentOptions(data)).toEqual(augmentDefaults);
  const on = Object.entries(pickAugmentOptions(data)).filter(([, value]) => value === 0.5);
  expect(on.map(([name]) => name)).toEqual([
    "horizontalFlip",
    "verticalFlip",
    "rotate",
    "resizedCropArea",
  ]);
});

test("options of augmentation are picked from among others", () => {
  const picked = pickAugmentOptions({ ...augmentDefaults, elastic: 0.2, path: "x" } as never);
  expect(picked).toEqual({ ...augmentDefaults, elastic: 0.2 });
  expect(Object.keys(picked)).toEqual(augmentOptionNames);
});

test("the schema gives the table's defaults and refuses what lies outside its ranges", () => {
  expect(checkOptions(augmentDefaultsSchema, {}, "options")).toEqual(augmentDefaults);
  expectError(
    () => checkOptions(augmentDefaultsSchema, { hueLimit: 0.6 }, "options"),
    ArgumentError,
    "hueLimit (--hue-limit) must be at most 0.5, got 0.6",
  );
  expectError(
    () => resolveConfig({ data: { path: "images", scal: 1 } }),
    ArgumentError,
    'data.scal: every option must be a known one, got "scal"; did you mean "scale"?',
  );
});
