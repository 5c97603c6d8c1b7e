import { expect, test } from "vitest";
import { ShapeError } from "../base/errors.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { boundaryKeyPoints, keyPointMap, type Corner } from "./boundaryKeyPoints.ts";

const drawn = (width: number, height: number, inside: (x: number, y: number) => boolean) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height }, (_, i) =>
    inside(i % width, Math.floor(i / width)) ? 1 : 0,
  ),
});

/** Intersection over union of the mask and the polygon, pixel by pixel. */
function iou(mask: ReturnType<typeof drawn>, polygon: readonly Corner[]): number {
  let [both, either] = [0, 0];
  for (const [i, v] of mask.data.entries()) {
    const [x, y] = [(i % mask.width) + 0.5, Math.floor(i / mask.width) + 0.5];
    let inside = false;
    for (const [k, [ax, ay]] of polygon.entries()) {
      const [bx, by] = polygon[(k + 1) % polygon.length]!;
      if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) inside = !inside;
    }
    if (inside && v) both++;
    if (inside || v) either++;
  }
  return both / either;
}

test("four points of a rectangle are its corners", () => {
  const rectangle = drawn(12, 9, (x, y) => x >= 2 && x < 9 && y >= 3 && y < 7);
  const points = boundaryKeyPoints(rectangle, { count: 4, seed: 1 });
  expect([...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])).toEqual([
    [2, 3],
    [2, 7],
    [9, 3],
    [9, 7],
  ]);
  expect(iou(rectangle, points)).toBe(1);
});

test("six points of a disk lie on its boundary and cover it about as a regular hexagon does", () => {
  const disk = drawn(64, 64, (x, y) => (x - 31.5) ** 2 + (y - 31.5) ** 2 < 25 ** 2);
  const points = boundaryKeyPoints(disk, { seed: 1, draws: 8000 });
  expect(points.length).toBe(6);
  for (const [x, y] of points) expect(Math.abs(Math.hypot(x - 32, y - 32) - 25)).toBeLessThan(1.5);
  // A regular hexagon in a circle: 3 sqrt 3 / (2 pi) = 0.827.
  expect(iou(disk, points)).toBeGreaterThan(0.78);
  expect(iou(disk, points)).toBeLessThan(0.86);
});

test("more polygons never give a worse one, and the same seed gives the same points", () => {
  const blob = drawn(40, 40, (x, y) => (x - 20) ** 2 / 200 + (y - 20 + x / 8) ** 2 / 90 < 1);
  const few = boundaryKeyPoints(blob, { draws: 50, seed: 3 });
  const many = boundaryKeyPoints(blob, { draws: 2000, seed: 3 });
  expect(iou(blob, many)).toBeGreaterThanOrEqual(iou(blob, few));
  expect(boundaryKeyPoints(blob, { draws: 50, seed: 3 })).toEqual(few);
  expect(boundaryKeyPoints(blob, { draws: 50, seed: 4 })).not.toEqual(few);
});

test("of several pieces the largest counts; short boundaries are kept whole; an empty mask has no points", () => {
  const two = drawn(30, 12, (x, y) => (x < 3 && y < 3) || (x >= 10 && x < 28 && y >= 2));
  for (const [x] of boundaryKeyPoints(two, { seed: 1, draws: 500 })) expect(x).toBeGreaterThan(9);
  expect(
    boundaryKeyPoints(
      drawn(5, 5, (x, y) => x === 2 && y === 2),
      { seed: 1 },
    ),
  ).toEqual([
    [2, 2],
    [3, 2],
    [3, 3],
    [2, 3],
  ]);
  expect(
    boundaryKeyPoints(
      drawn(5, 5, () => false),
      { seed: 1 },
    ),
  ).toEqual([]);
});

test("the map of key points has discs, cut at the border", () => {
  const map = keyPointMap(
    [
      [0, 0],
      [5, 3],
    ],
    8,
    5,
    2,
  );
  const rows = Array.from({ length: 5 }, (_, y) => [...map.slice(8 * y, 8 * y + 8)].join(""));
  expect(rows).toEqual(["11000000", "10001100", "00011110", "00011110", "00001100"]);
});

test("values that do not fill the map are refused", () => {
  expectError(
    () => boundaryKeyPoints({ width: 4, height: 4, data: new Uint8Array(3) }, { seed: 1 }),
    ShapeError,
    "boundaryKeyPoints: ",
  );
});
