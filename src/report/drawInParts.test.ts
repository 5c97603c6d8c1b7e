import { expect, test } from "vitest";
import { Random } from "../base/random.ts";
import type { Labels, RgbImage } from "../tensor/raster.ts";
import { drawInParts } from "./drawInParts.ts";
import { drawLabels } from "./drawLabels.ts";
import { contourWidth, drawOverlay } from "./drawOverlay.ts";

/** Discs of three classes, anywhere. */
function discs(width: number, height: number): [RgbImage, Labels] {
  const random = Random.of("discs", width);
  const classes = new Uint8Array(width * height);
  const instances = new Int32Array(width * height);
  for (let n = 1; n <= 40; n++) {
    const [cx, cy, r] = [random.int(width), random.int(height), 5 + random.int(120)];
    for (let y = Math.max(0, cy - r); y < Math.min(height, cy + r); y++) {
      for (let x = Math.max(0, cx - r); x < Math.min(width, cx + r); x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 >= r * r) continue;
        classes[y * width + x] = 1 + (n % 3);
        instances[y * width + x] = n;
      }
    }
  }
  const data = new Uint8Array(3 * width * height).fill(100);
  return [
    { width, height, data },
    { width, height, classes, instances },
  ];
}

function whole(parts: Iterable<Uint8Array>, length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  expect(at).toBe(length);
  return all;
}

test.each([
  [1500, 1400],
  [9000, 300],
  [300, 9000],
  [50_000, 30],
])("contours over %i x %i pixels are the same in parts", (width, height) => {
  const [image, labels] = discs(width, height);
  const mask = { width, height, classes: labels.classes.map((value) => Math.min(1, value)) };
  const thickness = contourWidth(image);
  const parts = drawInParts(image, mask, thickness, (a, prediction) =>
    drawOverlay(a, { prediction }, thickness),
  );
  const expected = drawOverlay(image, { prediction: mask }).data;
  expect(Buffer.compare(whole(parts, expected.length), expected)).toBe(0);

  const drawn = drawInParts(image, labels, 1, drawLabels);
  const all = drawLabels(image, labels).data;
  expect(Buffer.compare(whole(drawn, all.length), all)).toBe(0);
});
