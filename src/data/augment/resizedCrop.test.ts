import { expect, test } from "vitest";
import { fixture, largestDifference, sample } from "../../../test/helpers/augmentationFixture.ts";
import { Random } from "../../base/random.ts";
import { drawWindow, resizedCrop } from "./resizedCrop.ts";

/** Gives numbers that were noted before. */
class Noted extends Random {
  private at = 0;
  private readonly numbers: readonly number[];
  constructor(numbers: readonly number[]) {
    super(0);
    this.numbers = numbers;
  }
  override next(): number {
    const number = this.numbers[this.at++];
    if (number === undefined) throw new Error("more numbers were drawn than noted");
    return number;
  }
}

test.each(fixture.windows)(
  "the window in $width x $height is that of Albumentations for the same numbers",
  ({ width, height, numbers, window, ...options }) => {
    const drawn = drawWindow(new Noted(numbers), width, height, options);
    expect([drawn.x, drawn.y, drawn.width, drawn.height]).toEqual([...window]);
  },
);

test("the fixture has windows of the first draw, of later ones, and central ones", () => {
  const lengths = fixture.windows.map(({ numbers }) => numbers.length);
  expect(Math.min(...lengths)).toBe(4);
  expect(lengths.some((length) => length > 4 && length < 20)).toBe(true);
  expect(Math.max(...lengths)).toBe(20);
});

// OpenCV resizes 8-bit pictures with weights of 11 bits.
test("the enlarged crop equals Albumentations'", () => {
  const [x, y, width, height] = fixture.resizedCrop.window;
  const window = { x, y, width, height };
  const result = resizedCrop(sample, window, fixture.width, fixture.height);
  expect(largestDifference(result.image.data, fixture.resizedCrop.image)).toBeLessThanOrEqual(1);
  expect([...result.labels.classes]).toEqual([...fixture.resizedCrop.mask]);
  expect([...result.labels.instances!]).toEqual(fixture.resizedCrop.mask.map((v) => 7 * v));
});

test("windows lie inside, with area and ratio in their ranges", () => {
  for (let i = 0; i < 300; i++) {
    const options = { smallestArea: 0.3, largestRatio: 1.5 };
    const { x, y, width, height } = drawWindow(Random.of(1, i), 200, 160, options);
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(200);
    expect(y + height).toBeLessThanOrEqual(160);
    expect((width * height) / 32000).toBeGreaterThan(0.29);
    expect(Math.max(width / height, height / width)).toBeLessThan(1.52);
  }
});
