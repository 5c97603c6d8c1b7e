import { describe, expect, it } from "vitest";
import { flipPlanes, predictWithFlips, type Predictor } from "./predictor.ts";

describe("flipPlanes", () => {
  it("mirrors every plane", () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([...flipPlanes(data, 2, true, false)]).toEqual([2, 1, 4, 3, 6, 5, 8, 7]);
    expect([...flipPlanes(data, 2, false, true)]).toEqual([3, 4, 1, 2, 7, 8, 5, 6]);
    expect([...flipPlanes(data, 2, true, true)]).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe("predictWithFlips", () => {
  /** Two images of 2 x 2; what it gives depends on the place: top left stays, the rest is 0. */
  const corner: Predictor = {
    channels: 1,
    size: 2,
    predict(images, count) {
      const probabilities = new Float32Array(count * 4);
      for (let n = 0; n < count; n++) probabilities[n * 4] = images[n * 12]!;
      const guidance = images.slice(0, count);
      return Promise.resolve({
        probabilities,
        maps: {
          edge: probabilities.map((p) => 2 * p),
          guidance: { data: guidance, shape: [1, 1, 1] },
        },
      });
    },
    dispose: () => Promise.resolve(),
  };

  it("averages the four flips, each flipped back", async () => {
    const images = new Float32Array(24);
    images.set([4, 8, 12, 16], 0);
    images.set([40, 80, 120, 160], 12);
    const { probabilities, maps } = await predictWithFlips(corner, images, 2);
    // Each flip brings another pixel to the top left, and its value back to where it came from.
    expect([...probabilities]).toEqual([1, 2, 3, 4, 10, 20, 30, 40]);
    expect([...maps!.edge!]).toEqual([2, 4, 6, 8, 20, 40, 60, 80]);
    expect([...maps!.guidance!.data]).toEqual([4, 8]);
  });
});
