import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Random } from "../tensor/random.ts";
import type { Labelled } from "../tensor/raster.ts";
import { augment, type Border, flipHorizontal, flipVertical, rotate } from "./augment.ts";

interface Pair {
  readonly image: number[];
  readonly mask: number[];
}

/** Made by scripts/fixtures/augmentation.py with Albumentations. */
const fixture = JSON.parse(
  readFileSync(new URL("../../test/fixtures/augmentation.json", import.meta.url), "utf8"),
) as Pair & {
  readonly width: number;
  readonly height: number;
  readonly horizontalFlip: Pair;
  readonly verticalFlip: Pair;
  readonly rotations: readonly (Pair & { readonly border: Border; readonly degrees: number })[];
};

const { width, height } = fixture;
const sample: Labelled = {
  image: { width, height, data: Uint8Array.from(fixture.image) },
  labels: { width, height, classes: Uint8Array.from(fixture.mask) },
};
const plain = ({ image, labels }: Labelled): Pair => ({
  image: [...image.data],
  mask: [...labels.classes],
});

test("flips equal Albumentations'", () => {
  expect(plain(flipHorizontal(sample))).toEqual(fixture.horizontalFlip);
  expect(plain(flipVertical(sample))).toEqual(fixture.verticalFlip);
});

test.each(fixture.rotations)(
  "rotation by $degrees with border $border equals Albumentations'",
  ({ border, degrees, ...expected }) => {
    expect(plain(rotate(sample, degrees, border))).toEqual(expected);
  },
);

test("a rotation by 0 changes nothing, and 90 four times neither on a square", () => {
  expect(plain(rotate(sample, 0))).toEqual(plain(sample));
  const data = Uint8Array.from({ length: 75 }, (_, i) => i * 3);
  const labels = { width: 5, height: 5, classes: data.slice(0, 25).map((v) => v % 2) };
  const square = { image: { width: 5, height: 5, data }, labels };
  let turned: Labelled = square;
  for (let i = 0; i < 4; i++) turned = rotate(turned, 90);
  expect(plain(turned)).toEqual(plain(square));
});

test("mirrored borders reach into pictures smaller than the overhang", () => {
  const tiny = {
    image: { width: 1, height: 4, data: new Uint8Array(12).fill(50) },
    labels: { width: 1, height: 4, classes: Uint8Array.from([1, 1, 1, 1]) },
  };
  expect(plain(rotate(tiny, 45))).toEqual(plain(tiny));
});

test("augmentation follows from the stream alone", () => {
  const first = plain(augment(sample, Random.of(1, "augment", 0, 7)));
  expect(plain(augment(sample, Random.of(1, "augment", 0, 7)))).toEqual(first);
  const others = [1, 2, 3, 4].map((epoch) =>
    plain(augment(sample, Random.of(1, "augment", epoch, 7))),
  );
  expect(others.some((other) => other.image.join() !== first.image.join())).toBe(true);
});

test("each transform comes at its probability, independently", () => {
  // The first pixel tells which flips happened.
  const data = Uint8Array.from([10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40]);
  const small = {
    image: { width: 2, height: 2, data },
    labels: { width: 2, height: 2, classes: Uint8Array.from([1, 0, 0, 0]) },
  };
  const counts = new Map<number, number>();
  for (let i = 0; i < 2000; i++) {
    const corner = augment(small, Random.of(3, "augment", 0, i), { rotate: 0 }).image.data[0]!;
    counts.set(corner, (counts.get(corner) ?? 0) + 1);
  }
  for (const corner of [10, 20, 30, 40]) {
    expect(Math.abs((counts.get(corner) ?? 0) - 500)).toBeLessThan(80);
  }
});

test("angles stay within the limit, and a probability of 0 leaves the sample as it is", () => {
  const none = { horizontalFlip: 0, verticalFlip: 0, rotate: 0 };
  expect(augment(sample, new Random(1), none)).toBe(sample);
  const still = { horizontalFlip: 0, verticalFlip: 0, rotate: 1, rotateLimitDegrees: 0 };
  expect(plain(augment(sample, new Random(1), still))).toEqual(plain(sample));
});

test("bad options are refused", () => {
  expectError(
    () => augment(sample, new Random(1), { verticalFlip: 1.5 }),
    ArgumentError,
    "augment: verticalFlip must be a probability in 0..1, got 1.5",
  );
  expectError(
    () => augment(sample, new Random(1), { rotateLimitDegrees: -1 }),
    ArgumentError,
    "augment: rotateLimitDegrees must be in 0..180, got -1",
  );
});
