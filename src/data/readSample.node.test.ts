import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { npyFile } from "../../test/helpers/npyFile.ts";
import { DataError } from "../base/errors.ts";
import type { Sample } from "./dataset.ts";
import { labelsPath } from "./labels/readLabelSource.node.ts";
import { openSample, readSample } from "./readSample.node.ts";
import { writeImagePng, writeLabelPng, writeMaskPng } from "./formats/writePng.node.ts";

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
  await expectRejection(openSample(odd), DataError, text);
  await expectRejection(readSample(odd), DataError, text);
});

test("a fitting pair is read whole", async () => {
  const good = await sample("good", 4, 3, 5);
  await openSample(good);
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

test("a DICOM image tells its spacing, and its labels may be of any kind", async () => {
  const { cases } = JSON.parse(
    readFileSync(new URL("../../test/fixtures/dicom.json", import.meta.url), "utf8"),
  ) as { cases: readonly { name: string; file: string }[] };
  const image = join(folder, "a.dcm");
  const { file } = cases.find(({ name }) => name === "spacing")!;
  await writeFile(image, Buffer.from(file, "base64"));
  const path = join(folder, "a.png");
  await writeLabelPng(path, { width: 11, height: 6, data: new Uint16Array(66).fill(300) });
  const pair: Sample = { name: "a", image, labels: { kind: "instanceMap", path } };
  expect(await openSample(pair)).toEqual({ width: 11, height: 6, spacingMm: [0.25, 0.5] });
  const { labels } = await readSample(pair);
  expect(labels.instances?.every((id) => id === 300)).toBe(true);
});

test("a size that a COCO file states wrongly is refused before its objects are painted", async () => {
  const { image } = await sample("a");
  const coco: Sample = {
    name: "a",
    image,
    labels: { kind: "coco", path: "a.json", imageId: 1, width: 9000, height: 9000, objects: [] },
  };
  const text = `a.json: mask must have the size of its image ${image}, 4 x 3, got 9000 x 9000`;
  await expectRejection(openSample(coco), DataError, text);
  await expectRejection(readSample(coco), DataError, text);
});

test("an entry that an array of images lacks is named", async () => {
  const image = join(folder, "images.npy");
  await writeFile(image, npyFile("|u1", [2, 3, 4, 3], new Uint8Array(72)));
  const { labels } = await sample("a");
  const at = (index: number): Sample => ({ name: "a", image, index, labels });
  expect(await openSample(at(1))).toEqual({ width: 4, height: 3 });
  await expectRejection(readSample(at(2)), DataError, `${image}: entry must be 0 to 1, got 2`);
  await writeFile(image, npyFile("<f4", [2, 3, 4, 3], new Float32Array(72)));
  await expectRejection(
    openSample(at(1)),
    DataError,
    `${image}: array of images must be uint8, got float32`,
  );
  await expectRejection(
    openSample(at(1), { maxPixels: 5 }),
    DataError,
    `${image}: must have at most 5 pixels, got 4 x 3 = 12`,
  );
});
