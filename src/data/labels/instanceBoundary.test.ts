import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate, numbersOf } from "../../../test/helpers/evaluate.ts";
import { expectError } from "../../../test/helpers/expectError.ts";
import { masks } from "../../../test/helpers/maskPairs.ts";
import { input } from "../../graph/value.ts";
import { boundaryTarget } from "../../losses/boundaryTarget.ts";
import { ShapeError } from "../../base/errors.ts";
import { tensor } from "../../tensor/tensor.ts";
import { instanceBoundary } from "./instanceBoundary.ts";

const ids = (picture: string): Int32Array => Int32Array.from(picture.replace(/\s/g, ""), Number);
const drawn = (data: Uint8Array, width: number): string =>
  data.join("").replace(new RegExp(`.{${width}}(?=.)`, "g"), "$&\n");

test("the rim is one pixel on either side of a border, also where instances touch", () => {
  const instances = ids(`
    0000000000
    0000000000
    0011112222
    0011112222
    0011112222
    0011112222
    0000000000`);
  expect(drawn(instanceBoundary(instances, 10, 7), 10)).toBe(
    [
      "0000000000",
      "0111111111",
      "0111111111",
      "0110011000",
      "0110011000",
      "0111111111",
      "0111111111",
    ].join("\n"),
  );
});

/** The definition, pixel by pixel. */
function slowBoundary(instances: Int32Array, width: number, height: number): Uint8Array {
  return Uint8Array.from(instances, (_, i) => {
    const seen = new Set<number>();
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        const y = Math.floor(i / width) + dy;
        const x = (i % width) + dx;
        if (y >= 0 && y < height && x >= 0 && x < width) seen.add(instances[y * width + x]!);
      }
    return seen.size > 1 ? 1 : 0;
  });
}

test("it is the definition on any ids and sizes", () => {
  const maps = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        instances: fc
          .array(fc.constantFrom(0, 0, 0, 7, 7, 7, 7, 9, 100_000), {
            minLength: width * height,
            maxLength: width * height,
          })
          .map((values) => Int32Array.from(values)),
      }),
    );
  fc.assert(
    fc.property(maps, ({ instances, width, height }) => {
      expect(instanceBoundary(instances, width, height)).toEqual(
        slowBoundary(instances, width, height),
      );
    }),
    { seed: 3, numRuns: 500 },
  );
});

test("on a binary mask it is the target of the edge head", async () => {
  const [width, height] = [13, 9];
  const mask = input("mask", [1, 1, height, width]);
  const target = boundaryTarget(mask);
  for (const { data } of fc.sample(masks(width, height), { seed: 6, numRuns: 6 })) {
    const { wanted } = await evaluate(
      { wanted: target },
      { mask: tensor([1, 1, height, width], Float32Array.from(data)) },
    );
    expect([...instanceBoundary(data, width, height)]).toEqual(numbersOf(wanted!));
  }
});

test("ids that do not fill the image are refused", () => {
  expectError(
    () => instanceBoundary(new Int32Array(11), 3, 4),
    ShapeError,
    "instanceBoundary: ids of 3 x 4 (width x height) must number 12, got 11",
  );
});
