import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import {
  grid,
  inside,
  put,
  putCoco,
  putDsb2018,
  putImage,
  putIsic2018,
  putMap,
  putMask,
  putNnunet,
  putPh2,
} from "../../../test/helpers/layoutTrees.ts";
import { npyFile } from "../../../test/helpers/npyFile.ts";
import { writeNuclei } from "../../../test/helpers/nuclei.ts";
import { ArgumentError, DataError } from "../../base/errors.ts";
import type { Dataset } from "../dataset.ts";
import { openDataset } from "../openDataset.node.ts";
import { readSample } from "../readSample.node.ts";
import {
  convertDataset,
  targetForms,
  type ConvertOptions,
  type TargetForm,
} from "./convertDataset.node.ts";
import { partNames } from "./converter.node.ts";

let root: string;
let source: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-convert-"));
  source = join(root, "source");
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function convert(from: string, to: TargetForm, name: string, options: ConvertOptions = {}) {
  const out = join(root, name);
  await convertDataset(await openDataset(from), to, out, options);
  return out;
}

/**
 * Names, groups, classes and all pixels of a data set.
 *
 * @param renumber  instances by their rank instead of their ids, for forms that have no ids
 */
async function contents(dataset: Dataset, renumber = false) {
  const parts: Record<string, unknown[]> = {};
  for (const part of partNames) {
    parts[part] = [];
    for (const sample of dataset[part]) {
      const { image, labels } = await readSample(sample);
      const ids = dataset.instances ? [...labels.instances!] : [];
      const order = [...new Set([0, ...ids])].sort((a, b) => a - b);
      const ranks = new Map(order.map((id, rank) => [id, rank]));
      parts[part].push({
        name: sample.name,
        group: sample.group,
        size: [image.width, image.height],
        image: Buffer.from(image.data).toString("base64"),
        classes: Buffer.from(labels.classes).toString("base64"),
        instances: renumber ? ids.map((id) => ranks.get(id)!) : ids,
      });
    }
  }
  return { classes: dataset.classes, instances: dataset.instances, parts };
}

const contentsOf = async (path: string, renumber = false) =>
  contents(await openDataset(path), renumber);

/** Every kind of source, and whether it tells instances apart. */
const sources: readonly (readonly [name: string, make: () => Promise<void>, instances: boolean])[] =
  [
    [
      "masks in folders with parts, of many formats",
      async () => {
        await putImage(source, "train/images/a.jpg");
        await putMask(source, "train/masks/a_mask.png", 1);
        await putImage(source, "train/images/b.tif");
        await putMask(source, "train/masks/b.png", 2);
        await putImage(source, "val/images/c.bmp");
        await putMask(source, "val/masks/c.bmp", 3);
        await putMap(source, "test/images/grey.png", (x, y) => 10 * x + y);
        await putMap(source, "test/masks/grey.png", () => 0);
        await put(source, "classes.txt", "lesion\n");
        await put(source, "groups.csv", "part,name,group\ntrain,a,patient 1\nvalidation,c,p2\n");
      },
      false,
    ],
    ["ISIC 2018", () => putIsic2018(source), false],
    ["PH2", () => putPh2(source), false],
    [
      "nnU-Net with a fold",
      async () => {
        await putNnunet(source);
        const fold = { train: ["case_1", "case_3"], val: ["case_2"] };
        await put(source, "splits_final.json", JSON.stringify([fold]));
      },
      false,
    ],
    ["CoNIC", () => writeNuclei(source, { count: 4, size: 32 }), true],
    ["Data Science Bowl 2018", () => putDsb2018(source), true],
    ["COCO", () => putCoco(source, "official"), true],
  ];

for (const [name, make, instances] of sources) {
  for (const form of targetForms) {
    if (instances && form === "nnunet") continue;
    test(`${name} goes to ${form}, and from there to every other form, without a loss`, async () => {
      await make();
      const original = await openDataset(source);
      expect(original.instances).toBe(instances);
      // Ids of instances survive in folders; COCO numbers objects in their order.
      const first = await convert(source, form, "first");
      expect(await contentsOf(first, form === "coco")).toEqual(
        await contents(original, form === "coco"),
      );
      for (const next of targetForms) {
        if (instances && next === "nnunet") continue;
        const second = await convert(first, next, `second-${next}`);
        expect(await contentsOf(second, true), next).toEqual(await contents(original, true));
      }
    });
  }
}

test("images are copied byte for byte where the form takes them, else written as PNG", async () => {
  await putImage(source, "images/a.jpg");
  await putImage(source, "images/b.png");
  for (const name of ["a", "b"]) await putMask(source, `masks/${name}.png`);
  const bytes = (...path: string[]) => readFile(join(root, ...path));
  for (const [form, folder] of [
    ["folders", "images"],
    ["coco", "images/train"],
  ] as const) {
    await convert(source, form, form);
    for (const file of ["a.jpg", "b.png"]) {
      expect(await bytes(form, folder, file)).toEqual(await bytes("source/images", file));
    }
  }
  const dataset = await openDataset(source);
  const written = await convertDataset(dataset, "nnunet", join(root, "nnunet"));
  expect(written).toEqual({ copied: 1, encoded: 1 });
  expect(await bytes("nnunet/imagesTr/b_0000.png")).toEqual(await bytes("source/images/b.png"));
  expect(await readdir(join(root, "nnunet/imagesTr"))).toEqual(["a_0000.png", "b_0000.png"]);
});

test("16 bits a sample stay 16 bits, and grey stays grey, in a form that wants other files", async () => {
  for (const name of ["a", "b"]) {
    await putMap(source, `images/${name}.tif`, (x, y) => 2000 * x + y, true);
    await putMask(source, `masks/${name}.png`);
  }
  const out = await convert(source, "nnunet", "nnunet");
  const path = join(out, "imagesTr/a_0000.png");
  const { depth, channels } = await sharp(path).metadata();
  expect([depth, channels]).toEqual(["ushort", 1]);
  const raw = (file: string) =>
    sharp(file).toColourspace("grey16").raw({ depth: "ushort" }).toBuffer();
  expect(await raw(path)).toEqual(await raw(join(source, "images/a.tif")));
  const json = JSON.parse(await readFile(join(out, "dataset.json"), "utf8")) as unknown;
  expect(json).toEqual({
    channel_names: { "0": "grey" },
    labels: { background: 0, foreground: 1 },
    numTraining: 2,
    file_ending: ".png",
  });
  // One image in colour: all become RGB, which is what nnU-Net needs.
  await putImage(source, "images/c.png");
  await putMask(source, "masks/c.png");
  const mixed = await convert(source, "nnunet", "mixed");
  for (const name of ["a", "c"]) {
    expect((await sharp(join(mixed, `imagesTr/${name}_0000.png`)).metadata()).channels).toBe(3);
  }
});

test("a rotated image is turned for forms that other programs read", async () => {
  await putMask(source, "masks/a.png");
  await putImage(source, "x/a.png");
  const turned = await sharp(join(source, "x/a.png")).rotate(270).toBuffer();
  await mkdir(join(source, "images"));
  await sharp(turned).withMetadata({ orientation: 6 }).jpeg().toFile(join(source, "images/a.jpg"));
  const out = await convert(source, "coco", "coco");
  expect(await readdir(join(out, "images/train"))).toEqual(["a.png"]);
  expect(await contentsOf(out)).toEqual(await contentsOf(source));
});

test("COCO's annotations are what its tools expect", async () => {
  await putDsb2018(source);
  const out = await convert(source, "coco", "coco");
  const text = await readFile(join(out, "annotations/instances_train.json"), "utf8");
  const json = JSON.parse(text) as { images: unknown[]; annotations: unknown[] };
  expect(json.images[0]).toEqual({ id: 1, file_name: "00ae65c1.png", width: 24, height: 16 });
  // Nucleus 2 of the grid, columns 4 and 5, rows 0 and 1: runs 64, 2, 14, 2, 302, from the fourth on as
  // differences to the one two before.
  expect(json.annotations[1]).toEqual({
    id: 2,
    image_id: 1,
    category_id: 1,
    iscrowd: 0,
    area: 4,
    bbox: [4, 0, 2, 2],
    segmentation: { size: [16, 24], counts: "P22>0P9" },
  });
});

test("instances go to nnU-Net only when told to leave them out", async () => {
  await putDsb2018(source);
  await expectRejection(
    convert(source, "nnunet", "out"),
    ArgumentError,
    "to (--to) must be folders or coco for a data set of instances, got nnunet, which knows classes only; give --drop-instances",
  );
  const out = await convert(source, "nnunet", "out", { dropInstances: true });
  const classes = await contents({ ...(await openDataset(source)), instances: false });
  expect(await contentsOf(out)).toEqual(classes);
});

test("CoNIC's oddities go to folders, and are refused by place for COCO", async () => {
  const labels = new Int32Array(4 * 4 * 2);
  labels.set([70_000, 3, 70_000, 4, 70_001, 0], 2 * 5);
  await put(source, "images.npy", npyFile("|u1", [1, 4, 4, 3], new Uint8Array(48)));
  await put(source, "labels.npy", npyFile("<i4", [1, 4, 4, 2], labels));
  await put(source, "patch_info.csv", "patch_info\na_1-0000\n");
  const out = await convert(source, "folders", "folders");
  expect(await contentsOf(out, true)).toEqual(await contentsOf(source, true));
  await expectRejection(
    convert(source, "coco", "coco"),
    DataError,
    `${source}/images.npy: sample a_1-0000, row 1, column 2: an instance must have one class for COCO, got 3 and 4 in instance 70000; convert to folders`,
  );
  labels[2 * 6 + 1] = 3;
  await put(source, "labels.npy", npyFile("<i4", [1, 4, 4, 2], labels));
  await expectRejection(
    convert(source, "coco", "coco"),
    DataError,
    `${source}/images.npy: sample a_1-0000, row 1, column 3: pixels must have both a class and an instance for COCO, or neither, got class 0 and instance 70001; convert to folders`,
  );
});

test("a target in use is refused, and replaced when told", async () => {
  await putPh2(source);
  const out = await convert(source, "folders", "out");
  await writeFile(join(out, "mine.txt"), "");
  await expectRejection(
    convert(source, "coco", "out"),
    ArgumentError,
    `${out}: target must be new or empty, got 4 entries; choose another folder, or give --overwrite`,
  );
  // What no conversion writes is somebody's: it is not thrown away.
  await expectRejection(
    convert(source, "coco", "out", { overwrite: true }),
    ArgumentError,
    `${out}: target to overwrite must hold a data set alone, got mine.txt beside it; move it away or choose another folder`,
  );
  await rm(join(out, "mine.txt"));
  await convert(source, "coco", "out", { overwrite: true });
  expect(await readdir(out)).toEqual(["annotations", "images"]);
  expect(await readdir(root)).toEqual(["out", "source"]);
  await mkdir(join(root, "empty"));
  await convert(source, "folders", "empty");
});

test("a target inside of the data set or around it is refused", async () => {
  await putPh2(source);
  for (const name of ["source", "source/inner", "."]) {
    const target = join(root, name).replace(/\/\.?$/, "");
    await expectRejection(
      convert(source, "coco", name, { overwrite: true }),
      ArgumentError,
      `${target}: target must lie outside of the data set and not around it, got ${source}; choose`,
    );
  }
});

test("a conversion that fails or is interrupted leaves nothing, and what was there stays", async () => {
  await putPh2(source);
  const out = await convert(source, "folders", "out");
  const before = await contentsOf(out);
  await writeFile(
    join(source, "PH2Dataset/PH2 Dataset images/IMD010/IMD010_lesion/IMD010_lesion.bmp"),
    "BM",
  );
  await expectRejection(
    convert(source, "folders", "out", { overwrite: true }),
    DataError,
    `${source}/PH2Dataset/PH2 Dataset images/IMD010/IMD010_lesion/IMD010_lesion.bmp: `,
  );
  const controller = new AbortController();
  const reason = new Error("enough");
  const stopped = convert(source, "coco", "out", {
    overwrite: true,
    signal: controller.signal,
    onSample: () => {
      controller.abort(reason);
    },
  });
  await expect(stopped).rejects.toBe(reason);
  expect(await contentsOf(out)).toEqual(before);
  expect(await readdir(root)).toEqual(["out", "source"]);
});

test("what nnU-Net cannot hold is refused", async () => {
  await putImage(source, "train/images/a.png");
  await putMask(source, "train/masks/a.png");
  await cp(join(source, "train"), join(source, "val"), { recursive: true });
  await expectRejection(
    convert(source, "nnunet", "out"),
    DataError,
    `${source}/val/images/a.png: names must differ in training and validation part for nnU-Net, got a in both`,
  );
  await put(source, "classes.txt", "Background\n");
  await expectRejection(
    convert(source, "nnunet", "out"),
    DataError,
    `${source}: classes for nnU-Net must not be named background or ignore, got Background`,
  );
  await cp(join(source, "train"), join(source, "test"), { recursive: true });
  for (const part of ["train", "val"]) await rm(join(source, part), { recursive: true });
  await expectRejection(
    convert(source, "nnunet", "out"),
    DataError,
    `${source}: nnU-Net needs images for training, got a test part alone`,
  );
});

test("names that folders cannot tell apart are refused", async () => {
  // Two cases of one name but for the suffix that pairing in folders leaves aside.
  await putNnunet(source);
  await cp(
    join(source, "imagesTr/case_1_0000.png"),
    join(source, "imagesTr/case_1_image_0000.png"),
  );
  await cp(join(source, "labelsTr/case_1.png"), join(source, "labelsTr/case_1_image.png"));
  const json = await readFile(join(source, "dataset.json"), "utf8");
  await put(source, "dataset.json", json.replace('"numTraining":3', '"numTraining":4'));
  await expectRejection(
    convert(source, "folders", "out"),
    DataError,
    `${root}/out/train/images/case_1_image.png: file names without extension must be unique, got case_1.png beside it; remove or rename one; this form cannot hold the data set's names`,
  );
});

test("a folder that cannot be written is named", async () => {
  await putPh2(source);
  await writeFile(join(root, "file"), "");
  const reject = convert(source, "coco", "file/out");
  await expectRejection(
    reject,
    ArgumentError,
    `${root}/file/out: target must be a folder, got a file where a folder must be (ENOTDIR)`,
  );
});

test("class maps keep every class in every form", async () => {
  for (const name of ["a", "b"]) {
    await putImage(source, `images/${name}.png`);
    await putMap(source, `labels/${name}.png`, (x, y) => (inside(x, y) ? 200 : grid(x, y) % 3));
  }
  const names = Array.from({ length: 200 }, (_, i) => `class, ${i + 1}`);
  await put(source, "classes.json", JSON.stringify(names));
  const expected = await contentsOf(source);
  for (const form of targetForms) {
    expect(await contentsOf(await convert(source, form, form)), form).toEqual(expected);
  }
});
