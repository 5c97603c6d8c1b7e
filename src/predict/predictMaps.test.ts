import { expect, test } from "vitest";
import { resizeImage, resizeMap } from "../data/images/resize.ts";
import { Random } from "../base/random.ts";
import type { FloatMap, RgbImage } from "../tensor/raster.ts";
import { predictMaps, predictRows, type MapRows } from "./predictMaps.ts";
import type { Predictor } from "./predictor.ts";

const noise = (width: number, height: number): RgbImage => {
  const random = Random.of("predictMaps", width, height);
  return {
    width,
    height,
    data: Uint8Array.from({ length: 3 * width * height }, () => random.int(256)),
  };
};

/** Two channels and an edge: the normalised red and green, and their sum; nothing of a pixel depends on another. */
const pixelwise = (size: number): Predictor & { calls: number } => ({
  channels: 2,
  size,
  calls: 0,
  predict(images) {
    this.calls++;
    const area = size * size;
    const probabilities = images.slice(0, 2 * area);
    const edge = Float32Array.from({ length: area }, (_, i) => images[i]! + images[area + i]!);
    const guidance = { data: new Float32Array(4), shape: [1, 2, 2] as const };
    return Promise.resolve({ probabilities, maps: { edge, guidance } });
  },
  dispose: () => Promise.resolve(),
});

/** What `pixelwise` makes of a whole image. */
function expected(image: RgbImage): FloatMap[] {
  const { width, height, data } = image;
  const plane = (c: number): FloatMap => {
    const mean = [0.485, 0.456][c]!;
    const std = [0.229, 0.224][c]!;
    const values = Float32Array.from(
      { length: width * height },
      (_, i) => (data[3 * i + c]! / 255 - mean) / std,
    );
    return { width, height, data: values };
  };
  return [plane(0), plane(1)];
}

test.each([
  [70, 50, 1],
  [70, 50, 0.6],
  [33, 41, 1.7],
  [5, 90, 1],
  [90, 5, 2],
  [1, 1, 1],
])(
  "tiles over %i x %i pixels at zoom %f give the maps of the zoomed whole, resized back",
  async (width, height, zoom) => {
    const image = noise(width, height);
    const { channels, edge } = await predictMaps(pixelwise(16), image, { fit: "crop", zoom });
    const scaled = (length: number): number => Math.max(1, Math.round(length * zoom));
    const whole = expected(resizeImage(image, scaled(width), scaled(height)));
    for (const [c, map] of whole.entries()) {
      expect(channels[c]).toEqual(resizeMap(map, width, height));
    }
    expect([edge!.width, edge!.height, edge!.data.length]).toEqual([width, height, width * height]);
  },
);

test("strips follow one another from the top down, and each holds a few rows", async () => {
  const image = noise(40, 300);
  const strips: MapRows[] = [];
  for await (const rows of predictRows(pixelwise(16), image, { fit: "crop" })) strips.push(rows);
  let y = 0;
  for (const strip of strips) {
    expect(strip.y).toBe(y);
    expect(strip.rows).toBeLessThanOrEqual(16);
    for (const plane of [...strip.channels, strip.edge!])
      expect(plane.length).toBe(40 * strip.rows);
    y += strip.rows;
  }
  expect(y).toBe(300);
});

test("a whole image is run once, however many strips its maps come in", async () => {
  const predictor = pixelwise(16);
  const image = noise(3000, 800);
  let strips = 0;
  for await (const { guidance } of predictRows(predictor, image)) {
    strips++;
    expect(guidance).toBeDefined();
  }
  expect(strips).toBeGreaterThan(1);
  expect(predictor.calls).toBe(1);
});

test("a signal ends prediction between two tiles", async () => {
  const controller = new AbortController();
  const predictor = pixelwise(16);
  const rows = predictRows(predictor, noise(200, 200), { fit: "crop", signal: controller.signal });
  await rows.next();
  const calls = predictor.calls;
  controller.abort(new Error("enough"));
  await expect(rows.next()).rejects.toThrow("enough");
  expect(predictor.calls).toBe(calls);
});
