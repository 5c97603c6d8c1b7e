import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { DataError } from "../tensor/errors.ts";
import type { Sample } from "./dataset.ts";
import { labelsPath } from "./readLabels.node.ts";
import { checkPair, readSample } from "./readSample.node.ts";
import { surveySamples } from "./surveySamples.node.ts";
import { writeImagePng, writeMaskPng } from "./writePng.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-sample-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An image of 4 x 3 and a mask of the given size whose first `inside` pixels are foreground. */
async function sample(name: string, width = 4, height = 3, inside = 0): Promise<Sample> {
  const paths = {
    name,
    image: join(folder, `${name}.png`),
    labels: { kind: "mask" as const, path: join(folder, `${name}_mask.png`) },
  };
  await writeImagePng(paths.image, { width: 4, height: 3, data: new Uint8Array(36).fill(90) });
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i < inside ? 1 : 0));
  await writeMaskPng(paths.labels.path, { width, height, data });
  return paths;
}

test("a mask of another size than its image is refused, by header and by content", async () => {
  const odd = await sample("odd", 3, 4);
  const text = `${labelsPath(odd.labels)}: mask must have the size of its image ${odd.image}, 4 x 3, got 3 x 4`;
  await expectRejection(checkPair(odd), DataError, text);
  await expectRejection(readSample(odd), DataError, text);
  await expectRejection(surveySamples([odd]), DataError, text);
});

test("a fitting pair is read whole", async () => {
  const good = await sample("good", 4, 3, 5);
  await checkPair(good);
  const { image, labels } = await readSample(good);
  expect([image.width, image.height, labels.width, labels.height]).toEqual([4, 3, 4, 3]);
  expect(labels.classes.reduce((a, b) => a + b)).toBe(5);
});

test("a mask that is gone is named", async () => {
  const gone = await sample("gone");
  await rm(labelsPath(gone.labels));
  await expectRejection(
    readSample(gone),
    DataError,
    `${labelsPath(gone.labels)}: must be a readable image, got no such file or folder (ENOENT)`,
  );
});

test("a survey counts empty masks and foreground", async () => {
  const samples = [await sample("a", 4, 3, 6), await sample("b"), await sample("c", 4, 3, 12)];
  expect(await surveySamples(samples)).toEqual({
    count: 3,
    empty: ["b"],
    foreground: 0.5,
    mostPixels: 12,
    fewestPixels: 12,
  });
  expect(await surveySamples([])).toEqual({
    count: 0,
    empty: [],
    foreground: 0,
    mostPixels: 0,
    fewestPixels: 0,
  });
});
