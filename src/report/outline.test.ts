import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { border } from "../metrics/border.ts";
import { Random } from "../base/random.ts";
import { outline } from "./outline.ts";

test("the outline of a mask is its border as the surface metrics know it", () => {
  const random = new Random(3);
  for (let round = 0; round < 20; round++) {
    const [width, height] = [1 + random.int(40), 1 + round];
    const data = Uint8Array.from({ length: width * height }, () => (random.next() < 0.8 ? 1 : 0));
    expect(outline({ width, height, data })).toEqual(border({ width, height, data }));
  }
});

test("instances that touch have an outline each, and so have classes without instances", () => {
  const ids = [1, 1, 1, 1, 2, 2, 2, 2].flatMap((id) => [id, id, id]);
  // Three rows of eight, left half 1, right half 2.
  const across = Array.from({ length: 24 }, (_, i) => ids[3 * (i % 8)]!);
  const drawn = drawnMask("########\n#..##..#\n########");
  const size = { width: 8, height: 3 };
  const classes = Uint8Array.from(across, () => 1);
  expect(outline({ ...size, classes, instances: Int32Array.from(across) })).toEqual(drawn);
  expect(outline({ ...size, classes: Uint8Array.from(across) })).toEqual(drawn);
  expect(outline({ ...size, classes })).toEqual(drawnMask("########\n#......#\n########"));
});
