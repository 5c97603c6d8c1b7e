import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnIds, idMaps, type DrawnIds } from "../../test/helpers/idMaps.ts";
import { traceOutlines, type OutlinePolygon, type Ring } from "./traceOutlines.ts";

/** Even-odd rule: how many edges a ray from the centre of pixel (x, y) to the right crosses. */
function inside(rings: readonly Ring[], x: number, y: number): boolean {
  let crossings = 0;
  for (const ring of rings)
    for (let k = 0; k + 3 < ring.length; k += 2) {
      const [x1, y1, x2, y2] = [ring[k]!, ring[k + 1]!, ring[k + 2]!, ring[k + 3]!];
      if (y1 > y + 0.5 === y2 > y + 0.5) continue;
      if (x1 + ((y + 0.5 - y1) / (y2 - y1)) * (x2 - x1) > x + 0.5) crossings++;
    }
  return crossings % 2 === 1;
}

/** The map that the outlines stand for; -1 where two polygons claim a pixel. */
function rasterise(outlines: Map<number, OutlinePolygon[]>, { width, height }: DrawnIds): number[] {
  const ids = new Array<number>(width * height).fill(0);
  for (const [id, polygons] of outlines)
    for (const { outer, holes } of polygons)
      for (let i = 0; i < ids.length; i++)
        if (inside([outer, ...holes], i % width, Math.floor(i / width)))
          ids[i] = ids[i] === 0 ? id : -1;
  return ids;
}

const area = (ring: Ring): number => {
  let twice = 0;
  for (let k = 0; k + 3 < ring.length; k += 2)
    twice += ring[k]! * ring[k + 3]! - ring[k + 2]! * ring[k + 1]!;
  return twice / 2;
};

test("a pixel is a square, walked from its upper left corner clockwise on the screen", () => {
  const outlines = traceOutlines(drawnIds(".... .7.. ...."));
  expect([...outlines]).toEqual([[7, [{ outer: [1, 1, 2, 1, 2, 2, 1, 2, 1, 1], holes: [] }]]]);
});

test("holes, pieces and touching instances by hand", () => {
  const outlines = traceOutlines(
    drawnIds(`
      1112
      1.12
      1112
      ...1`),
  );
  expect([...outlines]).toEqual([
    [
      1,
      [
        { outer: [0, 0, 3, 0, 3, 3, 0, 3, 0, 0], holes: [[1, 1, 1, 2, 2, 2, 2, 1, 1, 1]] },
        { outer: [3, 3, 4, 3, 4, 4, 3, 4, 3, 3], holes: [] },
      ],
    ],
    [2, [{ outer: [3, 0, 4, 0, 4, 3, 3, 3, 3, 0], holes: [] }]],
  ]);
});

test("a ring that would touch itself in a corner becomes two", () => {
  const outlines = traceOutlines(
    drawnIds(`
      1111
      1..1
      1.1.
      111.`),
  );
  // The hole meets the outside in the corner (3, 2).
  expect(outlines.get(1)).toEqual([
    {
      outer: [0, 0, 4, 0, 4, 2, 3, 2, 3, 4, 0, 4, 0, 0],
      holes: [[1, 1, 1, 3, 2, 3, 2, 2, 3, 2, 3, 1, 1, 1]],
    },
  ]);
});

test("rasterising the outlines gives the same pixels back", () => {
  fc.assert(
    fc.property(idMaps(), (map) => {
      expect(rasterise(traceOutlines(map), map)).toEqual([...map.data]);
    }),
    { seed: 11, numRuns: 200 },
  );
});

/** What is wrong with a ring; nothing, if it is closed, turns at every corner and never meets itself. */
function faultsOf(ring: Ring): string[] {
  const faults: string[] = [];
  const corners = new Set<string>();
  const last = ring.length - 2;
  if (ring[0] !== ring[last] || ring[1] !== ring[last + 1]) faults.push("open");
  for (let k = 0; k < last; k += 2) {
    corners.add(`${ring[k]!} ${ring[k + 1]!}`);
    const [across, down] = [ring[k] !== ring[k + 2], ring[k + 1] !== ring[k + 3]];
    if (across === down) faults.push("slanted or standing still");
    if (k > 0 && across === (ring[k - 2] !== ring[k])) faults.push("straight on");
  }
  if (corners.size < last / 2) faults.push("meets itself");
  return faults;
}

test("rings are closed, turn at every corner, never meet themselves, and run as they should", () => {
  fc.assert(
    fc.property(idMaps(), (map) => {
      const polygons = [...traceOutlines(map).values()].flat();
      const faults = polygons.flatMap(({ outer, holes }) => [
        ...[outer, ...holes].flatMap(faultsOf),
        ...(area(outer) > 0 ? [] : ["outer ring the wrong way round"]),
        ...holes.flatMap((hole) => (area(hole) < 0 ? [] : ["hole the wrong way round"])),
      ]);
      expect(faults).toEqual([]);
    }),
    { seed: 12, numRuns: 300 },
  );
});

test("thousands of instances", () => {
  const side = 300;
  const data = new Int32Array(side * side);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    if (x % 5 < 4 && y % 5 < 4 && (x % 5 !== 2 || y % 5 !== 2))
      data[i] = 1 + Math.floor(x / 5) + 60 * Math.floor(y / 5);
  }
  const outlines = traceOutlines({ width: side, height: side, data });
  expect(outlines.size).toBe(3600);
  expect(outlines.get(61)).toEqual([
    {
      outer: [0, 5, 4, 5, 4, 9, 0, 9, 0, 5],
      holes: [[2, 7, 2, 8, 3, 8, 3, 7, 2, 7]],
    },
  ]);
});
