/** Exact outlines of instances, along the edges of their pixels. */
import { connectedComponents } from "./connectedComponents.ts";
import type { IdMap } from "./idMap.ts";

/**
 * A closed ring of corners, x and y in turn, the first repeated at the end. Pixel (x, y) is the square from (x, y) to
 * (x + 1, y + 1), y downwards. Two corners in a row differ in one coordinate, and the ring turns at every corner.
 */
export type Ring = readonly number[];

/** One connected piece of an instance. */
export interface OutlinePolygon {
  /** Its area (sum of x1 y2 - x2 y1) / 2 is positive: counter-clockwise by the numbers, clockwise on a screen, where y points down. */
  readonly outer: Ring;
  /** Of negative area. They may touch each other and the outer ring in corners. */
  readonly holes: readonly Ring[];
}

/**
 * The outlines of all instances in one walk along the edges between pixels, linear in the pixels. A pixel is inside an
 * instance's polygons, by the even-odd rule at its centre, exactly if it is the instance's.
 *
 * Pieces that hang together by sides are one polygon; those that meet in a corner only are two. No ring touches itself: where it would,
 * in a corner, it is cut in two. All polygons are valid by the rules of simple features.
 *
 * @param map  ids, 0 background
 * @returns    the polygons of every id, both in the order of their first pixels, row by row
 * @throws {ShapeError} if the ids do not fill the width and height.
 */
export function traceOutlines(map: IdMap): Map<number, OutlinePolygon[]> {
  const { width, height, data } = map;
  const { ids: pieces } = connectedComponents(map, 4);
  const polygons: { outer: Ring; holes: Ring[] }[] = [];
  const outlines = new Map<number, OutlinePolygon[]>();
  // Every ring has an upper edge, walked to the right with its pixel below, on the right hand.
  const walked = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const piece = pieces[i]!;
      if (piece === 0 || walked[i] === 1 || (y > 0 && pieces[i - width] === piece)) continue;
      const rings = walk(pieces, width, height, x, y, walked);
      if (piece > polygons.length) {
        // The first pixel of a piece is on its outer ring; pieces are numbered by their first pixels.
        const own = outlines.get(data[i]!) ?? [];
        outlines.set(data[i]!, own);
        const polygon = { outer: rings.find((ring) => areaOf(ring) > 0)!, holes: [] };
        polygons.push(polygon);
        own.push(polygon);
      }
      polygons[piece - 1]!.holes.push(...rings.filter((ring) => areaOf(ring) < 0));
    }
  }
  return outlines;
}

/** Right, down, left, up. */
const stepX = [1, 0, -1, 0] as const;
const stepY = [0, 1, 0, -1] as const;

/**
 * Walks along the edge of a piece with the piece on the right hand, from the upper left corner of pixel (x, y) to
 * the right, until it is back.
 *
 * @param walked  gets 1 for every pixel whose upper edge is passed
 * @returns       the ring, cut where it touches itself
 */
function walk(
  pieces: Int32Array,
  width: number,
  height: number,
  startX: number,
  startY: number,
  walked: Uint8Array,
): Ring[] {
  const piece = pieces[startY * width + startX]!;
  const at = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && pieces[y * width + x] === piece;
  const rings: Ring[] = [];
  let ring: number[] = [];
  /** Where in `ring` a corner is in which the piece meets itself, and which the walk therefore passes twice. */
  const met = new Map<number, number>();
  let [x, y, heading] = [startX, startY, 0];
  do {
    if (heading === 0) walked[y * width + x] = 1;
    x += stepX[heading]!;
    y += stepY[heading]!;
    // The pixels ahead: the one on the right hand, and the one on the left.
    const right = at(x - (heading === 1 || heading === 2 ? 1 : 0), y - (heading >= 2 ? 1 : 0));
    const left = at(
      x - (heading === 2 || heading === 3 ? 1 : 0),
      y - (heading === 0 || heading === 3 ? 1 : 0),
    );
    if (right && !left) continue;
    if (!right && left) {
      const corner = y * (width + 1) + x;
      const before = met.get(corner);
      if (before === undefined) met.set(corner, ring.length);
      else {
        const loop = ring.slice(before);
        for (let k = 2; k < loop.length; k += 2) met.delete(loop[k + 1]! * (width + 1) + loop[k]!);
        rings.push(closed(loop));
        ring = ring.slice(0, before);
      }
    }
    ring.push(x, y);
    heading = right ? (heading + 3) % 4 : (heading + 1) % 4;
  } while (x !== startX || y !== startY || heading !== 0);
  rings.push(closed(ring));
  return rings;
}

/** From its topmost corner, of several the leftmost, and back to it. */
function closed(corners: readonly number[]): Ring {
  let first = 0;
  for (let k = 2; k < corners.length; k += 2) {
    const higher = corners[k + 1]! - corners[first + 1]!;
    if (higher < 0 || (higher === 0 && corners[k]! < corners[first]!)) first = k;
  }
  return [...corners.slice(first), ...corners.slice(0, first), ...corners.slice(first, first + 2)];
}

/** (sum of x1 y2 - x2 y1) / 2, pixels. */
function areaOf(ring: Ring): number {
  let sum = 0;
  for (let k = 0; k + 3 < ring.length; k += 2)
    sum += ring[k]! * ring[k + 3]! - ring[k + 2]! * ring[k + 1]!;
  return sum / 2;
}
