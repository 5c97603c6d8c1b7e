import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeImagePng, writeMaskPng } from "../data/formats/writePng.node.ts";
import { readImage } from "../data/images/readImage.node.ts";
import { resizeMap } from "../data/images/resize.ts";
import { predictMaps } from "../predict/predictMaps.ts";
import type { Predictor } from "../predict/predictor.ts";
import { classesOf } from "../predict/toLabels.ts";
import { predictedPairs } from "./predictedPairs.node.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-pairs-"));
});
afterAll(() => rm(root, { recursive: true }));

/** Background and two classes: which is the largest changes with the place and the brightness. */
const predictor: Predictor = {
  channels: 3,
  size: 64,
  predict: (images, count) =>
    Promise.resolve({
      probabilities: Float32Array.from({ length: count * 3 * 64 * 64 }, (_, i) => {
        const [c, at] = [Math.floor(i / 4096) % 3, i % 4096];
        return 0.5 + 0.3 * Math.sin(at / (7 + c)) + 0.1 * images[at]! * (c - 1);
      }),
    }),
  dispose: () => Promise.resolve(),
};

test("classes that are found strip by strip are those of whole maps, at the image's size and at another", async () => {
  // More than a strip of rows.
  const [width, height] = [1600, 900];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + (i >> 9)) % 251);
  const image = join(root, "a.png");
  await writeImagePng(image, { width, height, data });
  const mask = join(root, "a_mask.png");
  await writeMaskPng(mask, { width, height, data: new Uint8Array(width * height) });
  const samples = [{ name: "a", image, labels: { kind: "mask", path: mask } }] as const;
  for (const fit of ["resize", "crop"] as const) {
    const how = { fit, zoom: 0.25 };
    const maps = await predictMaps(predictor, await readImage(image), how);
    for (const scoreSize of [0, 300]) {
      const size = scoreSize === 0 ? ([width, height] as const) : ([300, 300] as const);
      const expected = classesOf(maps.channels.map((map) => resizeMap(map, ...size)));
      for await (const { prediction } of predictedPairs(predictor, samples, {
        ...how,
        scoreSize,
      }).pairs()) {
        expect([prediction.width, prediction.height]).toEqual(size);
        expect(Buffer.compare(prediction.classes, expected.classes)).toBe(0);
        expect(new Set(prediction.classes)).toEqual(new Set([0, 1, 2]));
      }
    }
  }
});
