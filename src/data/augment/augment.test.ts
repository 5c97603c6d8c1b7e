import { expect, test } from "vitest";
import { plain, sample } from "../../../test/helpers/augmentationFixture.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import type { Labelled } from "../../tensor/raster.ts";
import { flipHorizontal, flipVertical } from "./symmetries.ts";
import { rotate } from "./rotate.ts";
import { augment } from "./augment.ts";
import { augmentOperations, type AugmentOptions } from "./augmentOptions.ts";

const none = { horizontalFlip: 0, verticalFlip: 0, rotate: 0 };

/** Every probability among the options but those of flips and rotation. */
const others = augmentOperations.filter((name) => !(name in none));

/** A square part of the sample, for quarter turns. */
const square: Labelled = {
  image: { width: 4, height: 4, data: sample.image.data.slice(0, 48) },
  labels: {
    width: 4,
    height: 4,
    classes: Uint8Array.from({ length: 16 }, (_, i) => i % 3),
    instances: Int32Array.from({ length: 16 }, (_, i) => 10 * (i % 3)),
  },
};

test("augmentation follows from the stream alone", () => {
  const first = plain(augment(sample, Random.of(1, "augment", 0, 7)));
  expect(plain(augment(sample, Random.of(1, "augment", 0, 7)))).toEqual(first);
  const later = [1, 2, 3, 4].map((epoch) =>
    plain(augment(sample, Random.of(1, "augment", epoch, 7))),
  );
  expect(later.some((other) => other.image.join() !== first.image.join())).toBe(true);
});

test("the defaults are flips and a rotation, drawn in this order", () => {
  for (let i = 0; i < 20; i++) {
    const random = Random.of(9, i);
    let expected = sample;
    const [flipX, flipY, turn] = [random.next(), random.next(), random.next()];
    const degrees = random.uniform(-20, 20);
    if (flipX < 0.5) expected = flipHorizontal(expected);
    if (flipY < 0.5) expected = flipVertical(expected);
    if (turn < 0.5) expected = rotate(expected, degrees);
    expect(plain(augment(sample, Random.of(9, i)))).toEqual(plain(expected));
  }
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

test.each(others)("%s comes at its probability", (name) => {
  let changed = 0;
  for (let i = 0; i < 300; i++) {
    const result = augment(square, Random.of(8, i), { ...none, [name]: 0.5 });
    // An operation that came up made a new sample; of the quarter turns, one in four is none.
    if (result !== square) changed += 1;
  }
  const expected = name === "rotate90" ? 0.375 : 0.5;
  expect(Math.abs(changed / 300 - expected)).toBeLessThan(0.1);
});

test("an operation does not change what another one draws", () => {
  const alone: AugmentOptions = { ...none, brightness: 1 };
  for (let i = 0; i < 10; i++) {
    // Stains by 0 change nothing, but are drawn.
    const both = { ...alone, scale: 1, scaleLimit: 0, stainJitter: 1, stainJitterSigma: 0 };
    const [one, two] = [alone, both].map((options) => augment(sample, Random.of(2, i), options));
    expect(plain(two!)).toEqual(plain(one!));
  }
});

test("every call takes the same number of numbers", () => {
  const [few, many] = [new Random(4), new Random(4)];
  augment(square, few, none);
  const all = Object.fromEntries(others.map((name) => [name, 1]));
  augment(square, many, { ...all, horizontalFlip: 1, verticalFlip: 1, rotate: 1 });
  expect(many.next()).toBe(few.next());
});

test.each(others)("%s keeps size, classes and ids together", (name) => {
  const { image, labels } = augment(square, new Random(6), { ...none, [name]: 1 });
  expect([image.width, image.height, labels.width, labels.height]).toEqual([4, 4, 4, 4]);
  expect(image.data.length).toBe(48);
  expect([...labels.instances!]).toEqual([...labels.classes].map((value) => 10 * value));
});

test("angles stay within the limit, and a probability of 0 leaves the sample as it is", () => {
  expect(augment(sample, new Random(1), none)).toBe(sample);
  const still = { horizontalFlip: 0, verticalFlip: 0, rotate: 1, rotateLimitDegrees: 0 };
  expect(plain(augment(sample, new Random(1), still))).toEqual(plain(sample));
});

test("bad options are refused", () => {
  const refuse = (options: AugmentOptions, message: string): void => {
    expectError(() => augment(sample, new Random(1), options), ArgumentError, message);
  };
  refuse({ verticalFlip: 1.5 }, "augment: verticalFlip must be a probability in 0..1, got 1.5");
  refuse({ rotateLimitDegrees: -1 }, "augment: rotateLimitDegrees must be in 0..180, got -1");
  refuse({ hueLimit: NaN }, "augment: hueLimit must be in 0..0.5, got NaN");
  const unknown = { ...none, flip: 1 };
  refuse(unknown, "augment: every option must be a known one (horizontalFlip, verticalFlip, ");
  refuse(
    JSON.parse('{ "border": "wrap" }') as AugmentOptions,
    'augment: border must be one of reflect101, constant, got "wrap"',
  );
  refuse(
    { rotate90: 1 },
    "augment: rotate90 must have square samples, or their size would change, got 18 x 13",
  );
});
