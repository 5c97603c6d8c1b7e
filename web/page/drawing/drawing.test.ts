/** Painting on pixels, without a canvas: masks are drawn as text, # for paint. */
import { describe, expect, it } from "vitest";
import { paintStroke } from "./brush.ts";
import {
  compose,
  countClasses,
  joined,
  noCounts,
  noEdits,
  paintOf,
  wholeArea,
  within,
  type Edits,
} from "./edits.ts";
import { floodFill } from "./floodFill.ts";
import { copyArea, emptyHistory, mostBytes, redo, undo, withStep } from "./history.ts";
import { fillPolygon } from "./polygon.ts";
import { fitted, moved, toImage, zoomed } from "./view.ts";

const foreground = paintOf(1);

const shown = ({ width, data }: Edits): string[] => {
  const rows: string[] = [];
  for (let i = 0; i < data.length; i += width) {
    rows.push([...data.subarray(i, i + width)].map((v) => (v === 0 ? "." : "#")).join(""));
  }
  return rows;
};

describe("the brush", () => {
  it("paints a round dab at a click, the middles within its radius", () => {
    const edits = noEdits(7, 7);
    const at = { x: 3.5, y: 3.5 };
    paintStroke(edits, at, at, 2.2, foreground);
    expect(shown(edits)).toEqual([
      ".......",
      "...#...",
      "..###..",
      ".#####.",
      "..###..",
      "...#...",
      ".......",
    ]);
  });

  it("paints the pixel under it, however small it is", () => {
    const edits = noEdits(3, 1);
    const at = { x: 1.05, y: 0.05 };
    paintStroke(edits, at, at, 0.1, foreground);
    expect(shown(edits)).toEqual([".#."]);
  });

  it("leaves no gap between the two ends of a fast stroke", () => {
    const edits = noEdits(9, 3);
    paintStroke(edits, { x: 0.5, y: 1.5 }, { x: 8.5, y: 1.5 }, 0.6, foreground);
    expect(shown(edits)).toEqual([".........", "#########", "........."]);
  });

  it("paints nothing beyond the image, and nothing that it may not", () => {
    const edits = noEdits(3, 3);
    const outside = { x: -40, y: 50 };
    expect(shown({ ...edits })).toEqual(["...", "...", "..."]);
    paintStroke(edits, outside, outside, 3, foreground);
    expect(shown(edits)).toEqual(["...", "...", "..."]);
    const middle = { x: 1.5, y: 1.5 };
    paintStroke(edits, middle, middle, 5, foreground, (i) => i % 3 !== 1);
    expect(shown(edits)).toEqual(["#.#", "#.#", "#.#"]);
  });

  it("tells an area that holds every changed pixel", () => {
    const edits = noEdits(20, 20);
    const area = paintStroke(edits, { x: 4, y: 5 }, { x: 12, y: 9 }, 2.5, foreground);
    for (const [i, paint] of edits.data.entries()) {
      if (paint === 0) continue;
      const [x, y] = [i % 20, Math.floor(i / 20)];
      expect(x >= area.left && x < area.right && y >= area.top && y < area.bottom).toBe(true);
    }
  });
});

describe("the polygon", () => {
  it("fills the pixels whose middles are inside", () => {
    const edits = noEdits(6, 5);
    const corners = [
      { x: 1, y: 1 },
      { x: 5, y: 1 },
      { x: 5, y: 4 },
      { x: 1, y: 4 },
    ];
    fillPolygon(edits, corners, foreground);
    expect(shown(edits)).toEqual(["......", ".####.", ".####.", ".####.", "......"]);
  });

  it("leaves out what a line that crosses itself encloses twice", () => {
    const edits = noEdits(5, 1);
    const there = [0, 5, 5, 0].map((x, i) => ({ x, y: i < 2 ? 0 : 1 }));
    fillPolygon(edits, [...there, ...there], foreground);
    expect(shown(edits)).toEqual(["....."]);
  });

  it("encloses nothing with fewer than three corners, and may lie beyond the image", () => {
    const edits = noEdits(3, 3);
    fillPolygon(
      edits,
      [
        { x: 0, y: 0 },
        { x: 3, y: 3 },
      ],
      foreground,
    );
    expect(edits.data.every((paint) => paint === 0)).toBe(true);
    const far = [
      { x: -9, y: -9 },
      { x: 20, y: -9 },
      { x: 20, y: 20 },
      { x: -9, y: 20 },
    ];
    fillPolygon(edits, far, foreground);
    expect(edits.data.every((paint) => paint === foreground)).toBe(true);
  });
});

describe("filling", () => {
  const maskOf = (rows: readonly string[]): Uint8Array =>
    Uint8Array.from(rows.join(""), (c) => (c === "#" ? 1 : 0));

  it("fills a hole and does not leak through a corner", () => {
    const rows = ["####", "#.##", "##.#", "####"];
    const edits = noEdits(4, 4);
    const area = floodFill(edits, maskOf(rows), 1, 1, foreground);
    expect(shown(edits)).toEqual(["....", ".#..", "....", "...."]);
    expect(area).toEqual({ left: 1, top: 1, right: 2, bottom: 2 });
  });

  it("deletes the object that is clicked, and no other", () => {
    const rows = ["##..#", "##..#"];
    const edits = noEdits(5, 2);
    floodFill(edits, maskOf(rows), 0, 0, paintOf(0));
    expect([...edits.data]).toEqual([1, 1, 0, 0, 0, 1, 1, 0, 0, 0]);
  });
});

describe("the mask", () => {
  it("is the prediction with the edits over it, at any threshold", () => {
    const edits = noEdits(4, 1);
    edits.data.set([0, 0, paintOf(0), paintOf(1)]);
    const channels = [Float32Array.of(0.2, 0.7, 0.9, 0.1)];
    const mask = new Uint8Array(4);
    compose(mask, edits, { channels, threshold: 0.5 }, wholeArea(edits));
    expect([...mask]).toEqual([0, 1, 0, 1]);
    compose(mask, edits, { channels, threshold: 0.1 }, wholeArea(edits));
    expect([...mask]).toEqual([1, 1, 0, 1]);
    // The threshold itself is foreground, as for the command line.
    compose(
      mask,
      edits,
      { channels: [Float32Array.of(0.5, 0, 0, 0)], threshold: 0.5 },
      wholeArea(edits),
    );
    expect([...mask]).toEqual([1, 0, 0, 1]);
  });

  it("takes the most probable class of several, the first of equals", () => {
    const edits = noEdits(3, 1);
    const channels = [
      Float32Array.of(0.2, 0.4, 0.5),
      Float32Array.of(0.5, 0.4, 0.1),
      Float32Array.of(0.3, 0.2, 0.4),
    ];
    const mask = new Uint8Array(3);
    compose(mask, edits, { channels, threshold: 0.9 }, wholeArea(edits));
    expect([...mask]).toEqual([1, 0, 0]);
  });

  it("is what was painted where there is no prediction, and changes only in the area", () => {
    const edits = noEdits(3, 1);
    edits.data.set([paintOf(2), paintOf(1), paintOf(1)]);
    const mask = new Uint8Array(3);
    compose(mask, edits, undefined, { left: 0, top: 0, right: 2, bottom: 1 });
    expect([...mask]).toEqual([2, 1, 0]);
  });
});

describe("the counts of classes", () => {
  it("follow the mask by the areas that change", () => {
    const mask = Uint8Array.of(0, 1, 2, 1, 1, 0);
    const counts = noCounts();
    countClasses(counts, mask, 3, wholeArea({ width: 3, height: 2 }));
    expect([...counts.subarray(0, 3)]).toEqual([2, 3, 1]);
    const area = { left: 1, top: 0, right: 3, bottom: 1 };
    countClasses(counts, mask, 3, area, -1);
    mask.set([0, 1], 1);
    countClasses(counts, mask, 3, area);
    expect([...counts.subarray(0, 3)]).toEqual([3, 3, 0]);
  });
});

describe("undo and redo", () => {
  const paint = (edits: Edits, x: number): ReturnType<typeof paintStroke> =>
    paintStroke(edits, { x, y: 0.5 }, { x, y: 0.5 }, 0.4, foreground);

  it("take one stroke back and bring it again", () => {
    const edits = noEdits(6, 1);
    let history = emptyHistory;
    for (const x of [1.5, 3.5]) {
      const before = copyArea(edits, wholeArea(edits));
      history = withStep(history, edits, before, paint(edits, x));
    }
    expect(shown(edits)).toEqual([".#.#.."]);
    const back = undo(history, edits)!;
    expect(shown(edits)).toEqual([".#...."]);
    const again = redo(back.history, edits)!;
    expect(shown(edits)).toEqual([".#.#.."]);
    expect(again.history.done).toHaveLength(2);
    expect(redo(again.history, edits)).toBeUndefined();
    undo(undo(again.history, edits)!.history, edits);
    expect(shown(edits)).toEqual(["......"]);
    expect(undo(emptyHistory, edits)).toBeUndefined();
  });

  it("forget what was taken back when something new is painted", () => {
    const edits = noEdits(6, 1);
    const first = withStep(emptyHistory, edits, new Uint8Array(6), paint(edits, 0.5));
    const { history } = undo(first, edits)!;
    const before = copyArea(edits, wholeArea(edits));
    const then = withStep(history, edits, before, paint(edits, 4.5));
    expect([then.done.length, then.undone.length]).toEqual([1, 0]);
  });

  it("count nothing that changes nothing as a step", () => {
    const edits = noEdits(6, 1);
    paint(edits, 2.5);
    const before = copyArea(edits, wholeArea(edits));
    expect(withStep(emptyHistory, edits, before, paint(edits, 2.5))).toBe(emptyHistory);
  });

  it("forget the oldest steps rather than fill the memory", () => {
    const side = 2048;
    const edits = noEdits(side, side);
    let history = emptyHistory;
    for (let k = 0; k < 12; k++) {
      const before = copyArea(edits, wholeArea(edits));
      edits.data.fill(1 + (k % 2));
      history = withStep(history, edits, before, wholeArea(edits));
    }
    expect(history.done.length).toBe(mostBytes / (2 * side * side));
  });
});

describe("areas", () => {
  it("join, and keep within the image", () => {
    const a = { left: 2, top: 3, right: 5, bottom: 6 };
    const none = { left: 0, top: 0, right: 0, bottom: 0 };
    expect(joined(a, none)).toEqual(a);
    expect(joined(none, a)).toEqual(a);
    expect(joined(a, { left: 4, top: 0, right: 9, bottom: 4 })).toEqual({
      ...{ left: 2, top: 0, right: 9, bottom: 6 },
    });
    expect(within({ left: -3, top: 1, right: 99, bottom: 2 }, { width: 8, height: 9 })).toEqual({
      ...{ left: 0, top: 1, right: 8, bottom: 2 },
    });
  });
});

describe("the view", () => {
  const image = { width: 200, height: 100 };
  it("shows all of the image in the middle", () => {
    const view = fitted(image, { width: 432, height: 332 });
    expect(view).toEqual({ scale: 2, x: 16, y: 66 });
    expect(toImage(view, { x: 216, y: 166 })).toEqual({ x: 100, y: 50 });
  });

  it("keeps what is under the pointer in its place while zooming, within limits", () => {
    const view = fitted(image, { width: 400, height: 300 });
    const at = { x: 123, y: 88 };
    const [before, after] = [toImage(view, at), toImage(zoomed(view, at, 3), at)];
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
    expect(zoomed(view, at, 1e9).scale).toBe(64);
    expect(zoomed(view, at, 1e-9).scale).toBe(0.02);
    expect(moved({ scale: 1, x: 2, y: 3 }, 4, 5)).toEqual({ scale: 1, x: 6, y: 8 });
  });
});
