/** Small trees in the official layouts of all data sets, with real files that can be read. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import sharp from "sharp";
import { expect } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { readSample } from "../../src/data/readSample.node.ts";
import { encodePng } from "../../src/data/formats/writePng.node.ts";
import { Random } from "../../src/base/random.ts";
import { bmpFile } from "./bmpFile.ts";

export const treeWidth = 24;
export const treeHeight = 16;
const area = treeWidth * treeHeight;

/** A file below `root`, its folders made. */
export async function put(root: string, path: string, data: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), data);
}

/** A picture of noise of its own; the format follows from the extension. */
export async function putImage(root: string, path: string, seed = path): Promise<void> {
  const random = Random.of("tree", seed);
  const data = Uint8Array.from({ length: area * 3 }, () => random.int(256));
  await put(root, path, await encoded(path, data, 3));
}

/** Grey values of a label file: `at(x, y)`, 16 bits if `deep`. */
export async function putMap(
  root: string,
  path: string,
  at: (x: number, y: number) => number,
  deep = false,
): Promise<void> {
  const values = Array.from({ length: area }, (_, i) =>
    at(i % treeWidth, Math.floor(i / treeWidth)),
  );
  const data = deep ? Uint16Array.from(values) : Uint8Array.from(values);
  await put(root, path, await encoded(path, data, 1));
}

/** A mask of 0 and 255: a rectangle that depends on the seed. */
export const putMask = (root: string, path: string, seed = 0): Promise<void> =>
  putMap(root, path, (x, y) => (inside(x, y, seed) ? 255 : 0));

export const inside = (x: number, y: number, seed = 0): boolean =>
  x >= 3 + (seed % 5) && x < 14 && y >= 2 && y < 9 + (seed % 4);

/** Nuclei of 2 x 2 pixels in a grid, with ids 1, 2, 3, ... */
export const grid = (x: number, y: number): number =>
  x % 4 < 2 && y % 4 < 2 ? 1 + (y >> 2) * (treeWidth / 4) + (x >> 2) : 0;
export const gridCount = (treeWidth / 4) * (treeHeight / 4);

async function encoded(path: string, data: Uint8Array | Uint16Array, channels: 1 | 3) {
  const size = { width: treeWidth, height: treeHeight };
  const extension = extname(path).toLowerCase();
  if (extension === ".bmp") {
    return bmpFile(treeWidth, treeHeight, channels === 1 ? 1 : 24, (x, y) => {
      const i = (y * treeWidth + x) * channels;
      return channels === 1 ? [data[i]!, 0, 0] : [data[i]!, data[i + 1]!, data[i + 2]!];
    });
  }
  const png = await encodePng(size, data, channels);
  if (extension === ".jpg") return sharp(png).jpeg({ quality: 95 }).toBuffer();
  if (extension === ".tif") {
    const space = channels === 3 ? "srgb" : data instanceof Uint16Array ? "grey16" : "b-w";
    return sharp(png).toColourspace(space).tiff({ compression: "lzw" }).toBuffer();
  }
  return png;
}

/** ISIC 2018 task 1 in its official folders, beside the files that come with it. */
export async function putIsic2018(root: string): Promise<void> {
  const cases = { Training: [0, 1, 2], Validation: [3], Test: [4, 5] };
  for (const [part, numbers] of Object.entries(cases)) {
    for (const n of numbers) {
      const id = `ISIC_000000${n}`;
      await putImage(root, `ISIC2018_Task1-2_${part}_Input/${id}.jpg`);
      await putMask(root, `ISIC2018_Task1_${part}_GroundTruth/${id}_segmentation.png`, n);
    }
    await put(root, `ISIC2018_Task1-2_${part}_Input/ATTRIBUTION.txt`, "made up");
    await put(root, `ISIC2018_Task1-2_${part}_Input/LICENSE.txt`, "none");
  }
}

/** PH2's folders, one for each case. */
export async function putPh2(root: string, top = "PH2Dataset/PH2 Dataset images"): Promise<void> {
  for (const [i, id] of ["IMD002", "IMD003", "IMD010"].entries()) {
    await putImage(root, `${top}/${id}/${id}_Dermoscopic_Image/${id}.bmp`);
    await putMask(root, `${top}/${id}/${id}_lesion/${id}_lesion.bmp`, i);
    await putMask(root, `${top}/${id}/${id}_roi/${id}_R1_Label2.bmp`, i);
  }
  await put(root, `${dirname(top)}/PH2_dataset.txt`, "made up");
}

/** Data Science Bowl 2018, stage 1: a folder for each image, a file for each nucleus. */
export async function putDsb2018(root: string, top = "stage1_train"): Promise<void> {
  for (const id of ["00ae65c1", "0121d675"]) {
    await putImage(root, `${top}/${id}/images/${id}.png`);
    for (const nucleus of [1, 2, 5]) {
      const file = `${top}/${id}/masks/nucleus${nucleus}.png`;
      await putMap(root, file, (x, y) => (grid(x, y) === nucleus ? 255 : 0));
    }
  }
}

/** nnU-Net raw: two classes, three cases to learn from and one to test on. */
export async function putNnunet(
  root: string,
  json: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const labels = { background: 0, nevus: 1, melanoma: 2 };
  const channels = { "0": "R", "1": "G", "2": "B" };
  const content = { channel_names: channels, labels, numTraining: 3, file_ending: ".png", ...json };
  await put(root, "dataset.json", JSON.stringify(content));
  for (const [i, id] of ["case_1", "case_2", "case_3"].entries()) {
    await putImage(root, `imagesTr/${id}_0000.png`);
    await putMap(root, `labelsTr/${id}.png`, (x, y) => (inside(x, y, i) ? 1 + (i % 2) : 0));
  }
  await putImage(root, "imagesTs/case_9_0000.png");
  await putMap(root, "labelsTs/case_9.png", (x, y) => (inside(x, y) ? 2 : 0));
}

/** What a COCO file of this tree holds: a polygon and an RLE object on the first image, none on the second. */
export const cocoJson = (prefix = "") => ({
  info: { description: "made up" },
  images: [
    { id: 7, file_name: `${prefix}a.jpg`, width: treeWidth, height: treeHeight },
    { id: 3, file_name: `${prefix}b.png`, width: treeWidth, height: treeHeight },
  ],
  categories: [
    { id: 9, name: "mitosis" },
    { id: 4, name: "nucleus", supercategory: "cell" },
  ],
  annotations: [
    {
      id: 1,
      image_id: 7,
      category_id: 9,
      iscrowd: 0,
      area: 12,
      bbox: [2, 3, 4, 3],
      segmentation: [[2, 3, 6, 3, 6, 6, 2, 6]],
    },
    {
      id: 2,
      image_id: 7,
      category_id: 4,
      iscrowd: 1,
      area: 5,
      bbox: [0, 0, 1, 5],
      segmentation: { size: [treeHeight, treeWidth], counts: [0, 5, area - 5] },
    },
  ],
});

/** The forms of COCO sets: flat (annotations beside the images), or the official folders. */
export async function putCoco(root: string, form: "flat" | "official"): Promise<void> {
  if (form === "flat") {
    await put(root, "annotations.json", JSON.stringify(cocoJson()));
    await putImage(root, "a.jpg");
    await putImage(root, "b.png");
    return;
  }
  for (const part of ["train2017", "val2017"]) {
    await put(root, `annotations/instances_${part}.json`, JSON.stringify(cocoJson()));
    await put(root, `annotations/captions_${part}.json`, JSON.stringify({ images: [] }));
    await putImage(root, `${part}/a.jpg`, `${part}a`);
    await putImage(root, `${part}/b.png`, `${part}b`);
  }
}

/** Pixels of the rectangle of a seed. */
export const rectangle = (seed: number): number =>
  Array.from({ length: area }, (_, i) =>
    inside(i % treeWidth, Math.floor(i / treeWidth), seed),
  ).filter(Boolean).length;

/** Names of the samples of training, validation and test part. */
export const namesOf = ({ train, validation, test }: Dataset): string[][] =>
  [train, validation, test].map((part) => part.map(({ name }) => name));

/** Reads every sample; the number of foreground pixels and of instances of each. */
export async function readAll({ train, validation, test }: Dataset) {
  const found: [pixels: number, instances: number][] = [];
  for (const sample of [...train, ...validation, ...test]) {
    const { image, labels } = await readSample(sample);
    expect(image.data.length).toBe(labels.classes.length * 3);
    const pixels = labels.classes.filter((value) => value > 0).length;
    found.push([pixels, new Set(labels.instances).size - (labels.instances ? 1 : 0)]);
  }
  return found;
}
