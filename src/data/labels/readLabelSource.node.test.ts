import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { npyFile } from "../../../test/helpers/npyFile.ts";
import { ArgumentError, DataError } from "../../base/errors.ts";
import type { LabelSource } from "../dataset.ts";
import { openLabelSource, readLabelSource } from "./readLabelSource.node.ts";
import { openSample, readSample } from "../readSample.node.ts";
import { writeImagePng, writeLabelPng, writeMaskPng } from "../formats/writePng.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-labels-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
async function save(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(at(name), bytes);
  return at(name);
}

const grey = (values: readonly number[], width: number, deep = false) =>
  sharp((deep ? Uint16Array : Uint8Array).from(values), {
    raw: { width, height: values.length / width, channels: 1 },
  }).toColourspace(deep ? "grey16" : "b-w");

/** What a source gives, as plain arrays. */
async function read(source: LabelSource) {
  const { width, height, classes, instances } = await readLabelSource(source);
  expect(await openLabelSource(source)).toEqual({ width, height });
  return { size: [width, height], classes: [...classes], instances: instances && [...instances] };
}

test("class maps of 8 and 16 bits give their values", async () => {
  const files = {
    "a.png": await grey([0, 1, 2, 6, 0, 3], 3).png().toBuffer(),
    "b.png": await grey([0, 1, 2, 6, 0, 3], 3, true).png().toBuffer(),
    "c.tif": await grey([0, 1, 2, 6, 0, 3], 3).tiff({ compression: "lzw" }).toBuffer(),
    "d.tif": await grey([0, 1, 2, 6, 0, 3], 3, true).tiff({ compression: "none" }).toBuffer(),
    "big.tif": await grey([0, 1, 2, 6, 0, 3], 3)
      .tiff({ bigtiff: true, compression: "deflate" })
      .toBuffer(),
    "e.webp": await grey([0, 1, 2, 6, 0, 3], 3).webp({ lossless: true }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const source = { kind: "classMap", path: await save(name, bytes), classes: 6 } as const;
    expect(await read(source), name).toEqual({
      size: [3, 2],
      classes: [0, 1, 2, 6, 0, 3],
      instances: undefined,
    });
  }
});

test("a class map with a class too many is refused with its place", async () => {
  const path = await save("m.png", await grey([0, 1, 2, 7, 0, 3], 3).png().toBuffer());
  await expectRejection(
    readLabelSource({ kind: "classMap", path, classes: 6 }),
    DataError,
    `${path}: class map must contain only 0 to 6, got 7 at row 1, column 0`,
  );
});

test("label maps in colour, with transparency or saved with loss are refused", async () => {
  const raw = { width: 2, height: 1 };
  const colour = sharp(Uint8Array.from([1, 1, 1, 2, 3, 2]), { raw: { ...raw, channels: 3 } });
  const path = await save("m.png", await colour.png().toBuffer());
  await expectRejection(
    readLabelSource({ kind: "instanceMap", path }),
    DataError,
    `${path}: instance map must be grey, got colour (2, 3, 2) at row 0, column 1`,
  );
  const clear = sharp(Uint8Array.from([1, 255, 2, 0]), { raw: { ...raw, channels: 2 } });
  await save("m.png", await clear.toColourspace("b-w").png().toBuffer());
  await expectRejection(
    readLabelSource({ kind: "instanceMap", path }),
    DataError,
    `${path}: instance map must be opaque, got alpha 0 at row 0, column 1`,
  );
  const deep = sharp(Uint16Array.from([1, 65535, 2, 9]), { raw: { ...raw, channels: 2 } });
  await save("m.png", await deep.toColourspace("grey16").png().toBuffer());
  await expectRejection(
    readLabelSource({ kind: "instanceMap", path }),
    DataError,
    `${path}: instance map must be opaque, got alpha 9 at row 0, column 1`,
  );
  const lossy = {
    "m.jpg": await grey([0, 1, 2, 3], 2).jpeg().toBuffer(),
    "m.webp": await grey([0, 1, 2, 3], 2).webp().toBuffer(),
    "m.tif": await grey([0, 1, 2, 3], 2).tiff({ compression: "jpeg" }).toBuffer(),
    "big.tif": await grey([0, 1, 2, 3], 2).tiff({ compression: "jpeg", bigtiff: true }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(lossy)) {
    const file = await save(name, bytes);
    await expectRejection(
      readLabelSource({ kind: "instanceMap", path: file }),
      DataError,
      `${file}: instance map must be saved without loss, got `,
    );
  }
});

test("an instance map gives ids up to 65535, all of class 1", async () => {
  await writeLabelPng(at("m.png"), {
    width: 3,
    height: 2,
    data: Int32Array.from([0, 1, 65535, 300, 0, 300]),
  });
  expect(await read({ kind: "instanceMap", path: at("m.png") })).toEqual({
    size: [3, 2],
    classes: [0, 1, 1, 1, 0, 1],
    instances: [0, 1, 65535, 300, 0, 300],
  });
});

test("a label PNG refuses what 16 bits cannot hold, and data of another length", async () => {
  const label = (data: Int32Array) => writeLabelPng(at("m.png"), { width: 2, height: 1, data });
  await expectRejection(
    label(Int32Array.of(1, 65536)),
    ArgumentError,
    `${at("m.png")}: labels must be 0 to 65535, got 65536 at row 0, column 1; number them anew`,
  );
  await expectRejection(
    label(Int32Array.of(-1, 1)),
    ArgumentError,
    `${at("m.png")}: labels must be 0 to 65535, got -1 at row 0, column 0`,
  );
  await expectRejection(
    label(Int32Array.of(1)),
    ArgumentError,
    `${at("m.png")}: labels must have 2 x 1 = 2 values, got 1`,
  );
});

test("masks of one instance each are numbered in their order, and the later covers the earlier", async () => {
  const masks = [
    [1, 1, 0, 0],
    [0, 1, 1, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ];
  const paths = masks.map((_, i) => at(`${i}.png`));
  for (const [i, data] of masks.entries()) {
    await writeMaskPng(paths[i]!, { width: 4, height: 1, data: Uint8Array.from(data) });
  }
  expect(await read({ kind: "instanceMasks", paths })).toEqual({
    size: [4, 1],
    classes: [1, 1, 1, 1],
    instances: [1, 2, 2, 4],
  });
});

test("masks of one image must have one size, by header and by content", async () => {
  const paths = [at("a.png"), at("b.png")];
  await writeMaskPng(paths[0]!, { width: 2, height: 1, data: Uint8Array.of(0, 1) });
  await writeMaskPng(paths[1]!, { width: 1, height: 2, data: Uint8Array.of(0, 1) });
  const text = `${at("b.png")}: masks of one image must have one size, 2 x 1, got 1 x 2`;
  await expectRejection(readLabelSource({ kind: "instanceMasks", paths }), DataError, text);
  await expectRejection(openLabelSource({ kind: "instanceMasks", paths }), DataError, text);
});

test("an image without any instance has labels of its own size", async () => {
  await writeImagePng(at("i.png"), { width: 2, height: 1, data: new Uint8Array(6) });
  const labels = { kind: "instanceMasks", paths: [] } as const;
  const sample = { name: "i", image: at("i.png"), labels };
  expect(await openSample(sample)).toEqual({ width: 2, height: 1 });
  expect([...(await readSample(sample)).labels.classes]).toEqual([0, 0]);
  await expectRejection(
    readLabelSource(labels),
    DataError,
    "masks: image must have at least one mask file, got none",
  );
});

test("CoNIC's arrays give image, instances and classes of one entry", async () => {
  const images = Uint8Array.from({ length: 3 * 2 * 2 * 3 }, (_, i) => i);
  const values = Int32Array.from({ length: 3 * 2 * 2 * 2 }, (_, i) => (i % 2 === 0 ? i : i % 7));
  await save("images.npy", npyFile("|u1", [3, 2, 2, 3], images));
  await save("labels.npy", npyFile("<i4", [3, 2, 2, 2], values));
  const sample = {
    name: "x",
    image: at("images.npy"),
    index: 1,
    labels: { kind: "conic", path: at("labels.npy"), index: 1 },
  } as const;
  expect(await openSample(sample)).toEqual({ width: 2, height: 2 });
  const { image, labels } = await readSample(sample);
  expect([...image.data]).toEqual([...images.slice(12, 24)]);
  expect([...(labels.instances ?? [])]).toEqual([8, 10, 12, 14]);
  expect([...labels.classes]).toEqual([9 % 7, 11 % 7, 13 % 7, 15 % 7]);
});

test("CoNIC's arrays of another shape, type or range are refused", async () => {
  const conic = (descr: string, shape: readonly number[], values: ArrayBufferView) =>
    save("l.npy", npyFile(descr, shape, values)).then((path) =>
      readLabelSource({ kind: "conic", path, index: 0 }),
    );
  const where = at("l.npy");
  const cases = [
    [
      conic("|u1", [1, 2, 2, 3], new Uint8Array(12)),
      `${where}: array of labels must have shape (count, height, width, 2), got (1, 2, 2, 3)`,
    ],
  ] as const;
  for (const [promise, text] of cases) await expectRejection(promise, DataError, text);
  await expectRejection(
    conic("<f4", [1, 1, 1, 2], new Float32Array(2)),
    DataError,
    `${where}: array of labels must be integers, got float32`,
  );
  await expectRejection(
    conic("|u1", [1, 1, 2, 2], Uint8Array.of(0, 0, 5, 7)),
    DataError,
    `${where}: classes must be 0 to 6, got 7 at entry 0, row 0, column 1`,
  );
  await expectRejection(
    conic("|i1", [1, 1, 1, 2], Int8Array.of(-1, 1)),
    DataError,
    `${where}: instance ids must be 0 to 2147483647, got -1 at entry 0, row 0, column 0`,
  );
  await expectRejection(
    conic("|u1", [1, 0, 5, 2], new Uint8Array(0)),
    DataError,
    `${where}: labels must have pixels, got shape (1, 0, 5, 2)`,
  );
});

test("COCO's objects are numbered in their order, and the later covers the earlier", async () => {
  const source: LabelSource = {
    kind: "coco",
    path: "instances.json",
    imageId: 7,
    width: 4,
    height: 2,
    objects: [
      { class: 2, segmentation: [[0, 0, 2, 0, 2, 2, 0, 2]] },
      { class: 1, segmentation: { size: [2, 4], counts: [2, 2, 2, 2] } },
      { class: 3, segmentation: [[1, 1, 3, 1, 3, 2, 1, 2]] },
    ],
  };
  expect(await read(source)).toEqual({
    size: [4, 2],
    classes: [2, 1, 0, 1, 2, 3, 3, 1],
    instances: [1, 2, 0, 2, 1, 3, 3, 2],
  });
  await expectRejection(
    readLabelSource({ ...source, objects: [{ class: 0, segmentation: [] }] }),
    DataError,
    "instances.json: image 7, object 0: class must be 1 to 255, got 0",
  );
  await expectRejection(
    readLabelSource({ ...source, width: 1e6, height: 1e6 }),
    DataError,
    "instances.json: image 7: must have at most 100000000 pixels, got 1000000 x 1000000",
  );
});
