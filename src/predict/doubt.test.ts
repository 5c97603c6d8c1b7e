import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { ArgumentError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { asSeen, createCertainty, doubtsOf } from "./doubt.ts";
import { knownAppearances, noveltyOf } from "./novelty.ts";

const random = Random.of(4, "novelty");
/** Two clouds far apart, the one wide in its first number. */
const vectors = Array.from({ length: 200 }, (_, i) =>
  i % 2
    ? [random.normal(), 0.1 * random.normal()]
    : [20 + random.normal(), 5 + 0.1 * random.normal()],
);

test("images of each known kind are usual, those between the kinds are not", () => {
  const known = knownAppearances(vectors);
  const novelties = vectors.map((vector, i) =>
    noveltyOf(vector, { ...known, vectors: vectors.filter((_, k) => k !== i) }),
  );
  const usual = novelties.filter((novelty) => novelty <= 1).length;
  expect(usual).toBeGreaterThanOrEqual(190);
  expect(usual).toBeLessThan(200);
  expect(noveltyOf(vectors[7]!, known)).toBe(0);
  // The mean of all is far from every one of them.
  expect(noveltyOf([10, 2.5], known)).toBeGreaterThan(5);
});

test("distance is in deviations of each number, so that its unit does not matter", () => {
  const known = knownAppearances(vectors);
  const stretched = knownAppearances(vectors.map(([a, b]) => [100 * a!, b!]));
  expect(noveltyOf([500, 3], stretched)).toBeCloseTo(noveltyOf([5, 3], known), 9);
});

test("a handful of images tells nothing", () => {
  expectError(
    () => knownAppearances(vectors.slice(0, 7)),
    ArgumentError,
    "knownAppearances: vectors must be of at least 8 images, got 7",
  );
});

test("images that are all the same make any other one new, and themselves usual", () => {
  const known = knownAppearances(Array.from({ length: 8 }, () => [1, 2]));
  expect(noveltyOf([1, 2], known)).toBe(0);
  expect(noveltyOf([1, 3], known)).toBeGreaterThan(1.5);
});

test("doubts are of what lies beyond the limits", () => {
  expect(doubtsOf({ novelty: 1.5, foreground: 0.89 })).toEqual([]);
  expect(doubtsOf({ novelty: 1.51, foreground: 0.9 })).toEqual(["unlike", "wholeFrame"]);
  expect(doubtsOf({ foreground: 0.3 })).toEqual([]);
});

test("the expected Dice is that of masks drawn by the probabilities, within what the formula leaves out", () => {
  const count = 4000;
  const p = Float32Array.from({ length: count }, (_, i) => (i < 1500 ? 0.85 : 0.1));
  const mask = Uint8Array.from(p, (value) => (value >= 0.5 ? 1 : 0));
  const certainty = createCertainty();
  certainty.add(p.subarray(0, 700), mask.subarray(0, 700));
  certainty.add(p.subarray(700), mask.subarray(700));
  let sum = 0;
  const draws = 200;
  for (let d = 0; d < draws; d++) {
    let [both, area] = [0, 0];
    for (let i = 0; i < count; i++) {
      const truth = random.chance(p[i]!) ? 1 : 0;
      both += truth * mask[i]!;
      area += truth + mask[i]!;
    }
    sum += (2 * both) / area / draws;
  }
  expect(certainty.expectedDice()).toBeCloseTo(sum, 2);
});

test("a sure mask expects a Dice of 1, an empty one none", () => {
  const sure = createCertainty();
  sure.add(Float32Array.of(1, 0, 1), Uint8Array.of(1, 0, 2));
  expect(sure.expectedDice()).toBe(1);
  const empty = createCertainty();
  empty.add(Float32Array.of(0.2, 0), Uint8Array.of(0, 0));
  expect(empty.expectedDice()).toBeNaN();
});

test("appearances are compared at the scale at which a network looks", () => {
  const image = { width: 6, height: 3, data: new Uint8Array(54).fill(7) };
  expect(asSeen(image, { fit: "crop", size: 2 })).toBe(image);
  const whole = asSeen(image, { fit: "resize", size: 2 });
  expect([whole.width, whole.height]).toEqual([2, 2]);
});
