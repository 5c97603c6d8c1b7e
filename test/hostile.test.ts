/**
 * Damaged and lying files against every reader: each case is read or refused by a `DataError` that begins
 * with the file and says what was got, within the time and memory allowed.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleFacts } from "../src/data/sampleFacts.ts";
import { toCoco } from "../src/instances/toCoco.ts";
import { scoreInstances } from "../src/metrics/scoreInstances.ts";
import { decodeSegmentation } from "../src/data/labels/cocoSegmentation.ts";
import { readScores } from "../src/commands/readScores.node.ts";
import { readClassesFile } from "../src/data/layouts/classNames.node.ts";
import { readCocoFile } from "../src/data/layouts/cocoFile.node.ts";
import { openDataset } from "../src/data/openDataset.node.ts";
import { readImage } from "../src/data/images/readImage.node.ts";
import { openLabelSource, readLabelSource } from "../src/data/labels/readLabelSource.node.ts";
import { openNpy, readNpyEntry } from "../src/data/formats/readNpy.node.ts";
import { openSample, readSample } from "../src/data/readSample.node.ts";
import { readSplit } from "../src/data/splits/splitFile.node.ts";
import { readGroups } from "../src/data/splits/splitGroups.node.ts";
import { ArgumentError, DataError } from "../src/base/errors.ts";
import { decodeSafetensors } from "../src/tensor/safetensors.ts";
import { readSafetensors } from "../src/tensor/safetensors.node.ts";
import { resolveConfig } from "../src/run/config.ts";
import { readRunConfig } from "../src/run/readRunConfig.node.ts";
import {
  bmpSeeds,
  dicomSeeds,
  npySeeds,
  pictureSeeds,
  safetensorsSeeds,
  type Seed,
} from "./helpers/hostileSeeds.ts";
import { npyFile } from "./helpers/npyFile.ts";
import { damage, damaged } from "./helpers/mutate.ts";

/** No case may take longer; most take a millisecond. */
const mostMilliseconds = 5000;
/** What all cases of a test may leave behind. */
const mostGrowth = 96 * 2 ** 20;
const options = { maxPixels: 1_000_000 };
/** `npm test` takes a third of the cases, `npm run parity` and continuous integration all of them. */
const shareOfRuns = process.env.SGDC_FUZZ === "all" ? 1 : 1 / 3;

let folder: string;
let cases = 0;
let refused = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-hostile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs one case: it reads, or refuses in the right words, in time. */
async function attempt(path: string, read: () => unknown): Promise<void> {
  cases++;
  const start = performance.now();
  try {
    await read();
  } catch (error) {
    refused++;
    if (!(error instanceof DataError)) throw error;
    expect(error.message.slice(0, path.length + 1)).toBe(`${path}${error.message[path.length]!}`);
    expect(error.message[path.length]).toMatch(/[:,]/);
    expect(error.message).toContain(", got");
    expect(error.message.length).toBeLessThan(2000);
  }
  expect(performance.now() - start).toBeLessThan(mostMilliseconds);
}

type Reader = (path: string) => Promise<unknown>;

/** Damages each seed `allRuns` times, or a share of it; the first reader must read the seeds themselves. */
async function fuzz(
  seeds: readonly Seed[],
  extension: string,
  allRuns: number,
  ...readers: readonly Reader[]
): Promise<void> {
  const runs = Math.ceil(allRuns * shareOfRuns);
  const path = join(folder, `a.${extension}`);
  const once = async (bytes: Uint8Array) => {
    await writeFile(path, bytes);
    for (const read of readers) await attempt(path, () => read(path));
  };
  // These first runs also bring caches and compiled code to their size.
  for (const seed of seeds) {
    await writeFile(path, seed.bytes);
    await readers[0]!(path);
    for (const share of [0, 0.01, 0.3, 0.7, 0.99]) {
      await once(seed.bytes.subarray(0, Math.floor(share * seed.bytes.length)));
    }
  }
  const before = memory();
  const [casesBefore, refusedBefore] = [cases, refused];
  for (const [i, seed] of seeds.entries()) {
    await fc.assert(
      fc.asyncProperty(damage, (by) => once(damaged(seed.bytes, by))),
      { seed: 1000 + i, numRuns: runs, endOnFailure: true },
    );
  }
  expect(memory() - before).toBeLessThan(mostGrowth);
  // Damage that nothing refuses would be no test.
  expect(cases - casesBefore).toBe(seeds.length * runs * readers.length);
  expect(refused - refusedBefore).toBeGreaterThan((cases - casesBefore) / 20);
}

/** What lies in memory beside the heap of the test runner itself. */
function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

/** As image, as mask, and as class map. */
const everyWay: readonly Reader[] = [
  (path) => readImage(path, options),
  (path) => readLabelSource({ kind: "mask", path }, options),
  (path) => readLabelSource({ kind: "classMap", path, classes: 9 }, options),
];

test("pictures: PNG, JPEG, WebP, TIFF, GIF, AVIF", async () => {
  await fuzz(await pictureSeeds(), "png", 40, ...everyWay);
});

test("BMP of 1 to 32 bits", async () => {
  await fuzz(bmpSeeds(), "bmp", 40, ...everyWay);
});

test("DICOM of every transfer syntax", async () => {
  await fuzz(dicomSeeds(), "dcm", 40, ...everyWay);
});

test("DICOM fragments of any lengths, empty ones among them, give the picture of the whole or are refused", async () => {
  const path = join(folder, "fragments.dcm");
  const item = (body: Uint8Array, length = body.length): Buffer => {
    const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
    head.writeUInt32LE(length, 4);
    return Buffer.concat([head, body]);
  };
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  for (const name of ["JPEG grey", "RLE 8 bits"]) {
    const { bytes } = dicomSeeds().find((seed) => seed.name === name)!;
    const start = bytes.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00])) + 12;
    // Behind the offset table: one fragment.
    const table = 8 + bytes.readUInt32LE(start + 4);
    const first = start + table + 8;
    const body = bytes.subarray(first, first + bytes.readUInt32LE(first - 4));
    await writeFile(path, bytes);
    const whole = await readImage(path, options);
    const seen = { same: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: body.length }), { maxLength: 4 }),
        fc.option(
          fc.record({ at: fc.nat({ max: 4 }), length: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
        ),
        fc.constantFrom(0, 4, 8, 400),
        fc.boolean(),
        async (cuts, lie, offsets, ended) => {
          const places = [0, ...cuts.sort((a, b) => a - b), body.length];
          const fragments = places.slice(1).map((to, i) => {
            const part = body.subarray(places[i], to);
            return item(part, lie?.at === i ? lie.length : part.length);
          });
          const parts = [bytes.subarray(0, start), item(Buffer.alloc(offsets, 7)), ...fragments];
          await writeFile(path, Buffer.concat([...parts, ...(ended ? [end] : [])]));
          const before = refused;
          await attempt(path, async () => {
            const { width, height } = await readImage(path, options);
            expect([width, height]).toEqual([whole.width, whole.height]);
            if (!lie) seen.same++;
          });
          seen.refused += refused - before;
        },
      ),
      { seed: 21, numRuns: 60, endOnFailure: true },
    );
    expect(Math.min(seen.same, seen.refused), name).toBeGreaterThan(3);
  }
});

test("labels of any number are counted without memory for all the numbers below", async () => {
  const path = join(folder, "labels.npy");
  const image = join(folder, "whole.npy");
  await writeFile(image, npySeeds()[0]!.bytes);
  const before = memory();
  const seen = { read: 0, refused: 0 };
  const label = fc.constantFrom(0, 1, 2, 255, 256, 65_535, 65_536, 1e9, 2 ** 31 - 1);
  const wrong = fc.record({
    at: fc.nat({ max: 39 }),
    value: fc.constantFrom(-1, -(2 ** 31), 7, 255, 256, 1e9),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(label, { minLength: 20, maxLength: 20 }),
      fc.option(wrong),
      async (ids, bad) => {
        const pairs = ids.flatMap((id) => [id, id === 0 ? 0 : 1 + (id % 6)]);
        if (bad) pairs[bad.at] = bad.value;
        await writeFile(path, npyFile("<i4", [1, 4, 5, 2], Int32Array.from(pairs)));
        await attempt(path, async () => {
          try {
            const labels = { kind: "conic", path, index: 0 } as const;
            const sample = await readSample({ name: "x", image, index: 0, labels }, options);
            sampleFacts(sample, 6);
            const { perClass } = scoreInstances(sample.labels, sample.labels, { classes: 6 });
            expect(perClass).toHaveLength(6);
            toCoco([{ fileName: "x.png", labels: sample.labels }], ["a", "b", "c", "d", "e", "f"]);
            seen.read++;
          } catch (error) {
            seen.refused++;
            // Scoring names the file itself where it comes from one.
            const scoring =
              error instanceof ArgumentError && /^metrics: .*, got/.test(error.message);
            if (!scoring) throw error;
          }
        });
      },
    ),
    { seed: 22, numRuns: 120, endOnFailure: true },
  );
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(3);
  expect(memory() - before).toBeLessThan(mostGrowth);
});

test(".npy arrays", async () => {
  await fuzz(npySeeds(), "npy", 200, async (path) => {
    const npy = await openNpy(path);
    for (const index of [0, 2]) await readNpyEntry(npy, index);
  });
});

test("CoNIC's arrays as samples", async () => {
  const image = join(folder, "whole.npy");
  const [images, ...labels] = npySeeds();
  await writeFile(image, images!.bytes);
  await fuzz(labels.slice(0, 3), "npy", 150, async (path) => {
    const labels = { kind: "conic", path, index: 1 } as const;
    const sample = { name: "x", image, index: 1, labels };
    await openSample(sample, options);
    await readSample(sample, options);
  });
});

test("safetensors", async () => {
  await fuzz(safetensorsSeeds(), "safetensors", 500, async (path) => {
    await readSafetensors(path);
  });
  const [{ bytes }] = safetensorsSeeds() as [Seed];
  await fc.assert(
    fc.asyncProperty(damage, (by) =>
      attempt("w.safetensors", () => decodeSafetensors(damaged(bytes, by), "w.safetensors")),
    ),
    { seed: 5, numRuns: 300, endOnFailure: true },
  );
});

/** A COCO file of two images, with polygons and both kinds of run lengths. */
const cocoJson = {
  images: [
    { id: 1, file_name: "a.png", width: 8, height: 6 },
    { id: 2, file_name: "b.png", width: 8, height: 6 },
  ],
  categories: [{ id: 1, name: "nucleus" }],
  annotations: [
    { id: 1, image_id: 1, category_id: 1, iscrowd: 0, segmentation: [[1, 1, 5, 1, 5, 4, 1, 4]] },
    {
      id: 2,
      image_id: 1,
      category_id: 1,
      iscrowd: 1,
      segmentation: { size: [6, 8], counts: [10, 3, 35] },
    },
    {
      id: 3,
      image_id: 2,
      category_id: 1,
      iscrowd: 1,
      segmentation: { size: [6, 8], counts: ":3S1" },
    },
  ],
};

/** Opens a COCO file and paints all its objects. */
async function readCoco(path: string): Promise<void> {
  const file = await readCocoFile(path);
  for (const { id, width, height, objects } of file?.images ?? []) {
    const source = { kind: "coco", path, imageId: id, width, height, objects } as const;
    await openLabelSource(source, options);
    await readLabelSource(source, options);
  }
}

/** A value that JSON may hold where another is expected. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "x", [], {}, [[]], [{}], -1, 0, 0.5, 1e308, -1e308),
  fc.constantFrom<unknown>(2 ** 31, 2 ** 53, "9".repeat(300), "\u0000", "__proto__", [1e9, 1e9]),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Replaces or removes the n-th value of a tree, counted in depth. */
function changedTree(tree: unknown, n: number, value: unknown, remove: boolean): unknown {
  let left = n;
  const visit = (node: unknown): unknown => {
    if (left-- === 0) return remove ? undefined : value;
    if (Array.isArray(node)) return node.map(visit).filter((each) => each !== undefined);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, each]) => [key, visit(each)]));
  };
  return visit(tree) ?? null;
}

/** Damages a JSON file as text, and as a tree. */
async function fuzzJson(
  name: string,
  tree: unknown,
  read: (path: string) => Promise<unknown>,
): Promise<void> {
  const text = JSON.stringify(tree);
  await fuzz([{ name, bytes: Buffer.from(text) }], "json", 250, read);
  const path = join(folder, "a.json");
  const nodes = text.split(/[,:[{]/).length + 1;
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: nodes }), oddValue, fc.boolean(), async (n, value, remove) => {
      await writeFile(path, JSON.stringify(changedTree(tree, n, value, remove)));
      await attempt(path, () => read(path));
    }),
    { seed: 7, numRuns: 400, endOnFailure: true },
  );
}

test("JSON nested so deep that walking through it would exhaust the stack", async () => {
  const root = join(folder, "nested");
  const readers: Readonly<Record<string, Reader>> = {
    "coco.json": readCoco,
    "split.json": readSplit,
    "groups.json": readGroups,
    "config.json": readRunConfig,
    "scores.json": readScores,
    "classes.json": () => readClassesFile(root, ["classes.json"]),
  };
  await mkdir(root, { recursive: true });
  const levels = 200_000;
  const lists = "[".repeat(levels) + "]".repeat(levels);
  const objects = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  for (const [name, read] of Object.entries(readers)) {
    const path = join(root, name);
    for (const deep of [lists, objects]) {
      for (const text of [
        deep,
        ...["images", "train", "groups", "labels", "data", "preset", "perImage", "classes"].map(
          (key) => `{"annotations": [], "${key}": ${deep}}`,
        ),
        "[".repeat(levels),
      ]) {
        await writeFile(path, text);
        const before = refused;
        await attempt(path, () => read(path));
        expect(refused, `${name}: ${text.slice(0, 40)}`).toBe(before + 1);
      }
    }
  }
  const weights = join(root, "w.safetensors");
  for (const text of [lists, objects, `{"__metadata__": ${objects}}`, `{"w": ${lists}}`]) {
    const header = Buffer.from(text);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await writeFile(weights, Buffer.concat([length, header]));
    const before = refused;
    await attempt(weights, () => readSafetensors(weights));
    expect(refused).toBe(before + 1);
  }
});

test("COCO's JSON, down to the painted pixels", async () => {
  await fuzzJson("coco", cocoJson, readCoco);
});

test("split files", async () => {
  const split = { train: ["a", "b"], validation: ["c"], test: ["d"], groups: { a: "p1" } };
  await fuzzJson("split", split, readSplit);
});

test("run configurations", async () => {
  await fuzzJson("config", resolveConfig({ data: { path: "x" } }), readRunConfig);
});

test("tables of groups, JSON and CSV", async () => {
  await fuzzJson("groups", { a: "p1", b: "p2", c: 3 }, readGroups);
  const table = Buffer.from('name,patient\na.png,p1\n"b, c",p2\nd,"p""3"\n');
  await fuzz([{ name: "table", bytes: table }], "csv", 200, readGroups);
});

test("nnU-Net's dataset.json", async () => {
  const root = join(folder, "nnunet");
  for (const name of ["imagesTr", "labelsTr"]) await mkdir(join(root, name), { recursive: true });
  const [picture] = await pictureSeeds();
  await writeFile(join(root, "imagesTr", "case_0000.png"), picture!.bytes);
  await writeFile(join(root, "labelsTr", "case.png"), picture!.bytes);
  const json = {
    channel_names: { "0": "R" },
    labels: { background: 0, lesion: 1 },
    numTraining: 1,
    file_ending: ".png",
  };
  const path = join(root, "dataset.json");
  const once = async (text: string | Uint8Array) => {
    await writeFile(path, text);
    await attempt(root, async () => {
      await openDataset(root).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
        // Files below the root are named by their own paths.
        expect(error.message.startsWith(root)).toBe(true);
        expect(error.message).toContain(", got");
      });
    });
  };
  // Labels that are counted in lists, keys by the hundred thousand, and lists in lists.
  const many = Object.fromEntries(Array.from({ length: 130_000 }, (_, i) => [`c${i}`, i]));
  for (const labels of [
    ...[254, 255, 256, 1e6, 1e9, 2 ** 31, 2 ** 53, 1e308].map((most) => ({ background: 0, most })),
    many,
  ]) {
    await once(JSON.stringify({ ...json, labels }));
  }
  await once(`{"labels": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
  const before = memory();
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 12 }), oddValue, fc.boolean(), (n, value, remove) =>
      once(JSON.stringify(changedTree(json, n, value, remove))),
    ),
    { seed: 3, numRuns: 200, endOnFailure: true },
  );
  await fc.assert(
    fc.asyncProperty(damage, (by) => once(damaged(Buffer.from(JSON.stringify(json)), by))),
    { seed: 4, numRuns: 100, endOnFailure: true },
  );
  expect(memory() - before).toBeLessThan(mostGrowth);
});

test("segmentations of random numbers and characters", async () => {
  const number = fc.oneof(
    fc.integer({ min: -5, max: 60 }),
    fc.double(),
    fc.constantFrom(NaN, Infinity, -Infinity, 1e8, -1e8, 1e9, 2 ** 53),
  );
  const segmentation = fc.oneof(
    fc.array(fc.array(number, { maxLength: 40 }), { maxLength: 4 }),
    fc.record({
      size: fc.constant([50, 40] as const),
      counts: fc.oneof(fc.array(number, { maxLength: 20 }), fc.string({ maxLength: 60 })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(segmentation, (value) =>
      attempt("a.json", () => {
        const mask = decodeSegmentation(value, 40, 50, "a.json");
        expect(mask.length).toBe(2000);
      }),
    ),
    { seed: 9, numRuns: 1500, endOnFailure: true },
  );
});

/** The file with a number written at some places. */
function withNumbers(
  { bytes }: Seed,
  numbers: readonly (readonly [at: number, value: number, bytes: 2 | 4, little: boolean])[],
): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, value, size, little] of numbers) {
    if (little) copy.writeUIntLE(value, at, size);
    else copy.writeUIntBE(value, at, size);
  }
  return copy;
}

test("sizes of terabytes are refused by the header, before memory is taken", async () => {
  const pictures = await pictureSeeds();
  const find = (seeds: readonly Seed[], name: string) => seeds.find((seed) => seed.name === name)!;
  const png = withNumbers(find(pictures, "PNG grey"), [
    [16, 900_000, 4, false],
    [20, 900_000, 4, false],
  ]);
  // The header's checksum: a decoder that looks at it must not be the one that saves us.
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  const jpeg = find(pictures, "JPEG").bytes;
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  const dicom = find(dicomSeeds(), "RLE RGB, 16 bits");
  const rows = dicom.bytes.indexOf(Buffer.from([0x28, 0, 0x10, 0]));
  const columns = dicom.bytes.indexOf(Buffer.from([0x28, 0, 0x11, 0]));
  expect(Math.min(frame, rows, columns)).toBeGreaterThan(0);
  const huge = (value: number) => Buffer.from(npyFile("|u1", [value, 1, 1, 3], new Uint8Array(3)));
  const files: Readonly<Record<string, Uint8Array>> = {
    "a.png": png,
    "a.jpg": withNumbers({ name: "", bytes: jpeg }, [
      [frame + 5, 65500, 2, false],
      [frame + 7, 65500, 2, false],
    ]),
    "24.bmp": withNumbers(find(bmpSeeds(), "24 bits, V5"), [
      [18, 2 ** 31 - 1, 4, true],
      [22, 2 ** 31 - 1, 4, true],
    ]),
    "1.bmp": withNumbers(find(bmpSeeds(), "1 bit by Pillow"), [
      [18, 2 ** 31 - 1, 4, true],
      [22, 2 ** 31, 4, true],
    ]),
    "rle.bmp": withNumbers(find(bmpSeeds(), "RLE8"), [
      [18, 2 ** 31 - 1, 4, true],
      [22, 2 ** 31 - 1, 4, true],
    ]),
    "a.dcm": withNumbers(dicom, [
      [rows + 8, 65535, 2, true],
      [columns + 8, 65535, 2, true],
    ]),
    // Just within the limit of pixels, and nothing behind it.
    "b.dcm": withNumbers(dicom, [
      [rows + 8, 9900, 2, true],
      [columns + 8, 9900, 2, true],
    ]),
    "a.npy": huge(2 ** 45),
  };
  const peak = () => process.resourceUsage().maxRSS * 1024;
  const before = peak();
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const start = performance.now();
    const read = name.endsWith(".npy") ? openNpy(path) : readImage(path);
    const message = await read.then(
      () => "it was read",
      (error: unknown) => (error as Error).message,
    );
    expect(message, name).toMatch(
      /(at most 100000000 pixels|a truncated or damaged one|must hold \d+ bytes)/,
    );
    expect(message.startsWith(`${path}: `), message).toBe(true);
    expect(performance.now() - start, name).toBeLessThan(1000);
  }
  const objects = [{ class: 1, segmentation: { size: [1e7, 1e7] as const, counts: [1e14] } }];
  const coco = {
    kind: "coco",
    path: "a.json",
    imageId: 1,
    width: 1e7,
    height: 1e7,
    objects,
  } as const;
  await attempt("a.json", () => readLabelSource(coco));
  await attempt("a.json", () => decodeSegmentation(objects[0]!.segmentation, 8, 8, "a.json"));
  const lying = Buffer.alloc(64);
  lying.writeBigUInt64LE(2n ** 52n);
  await attempt("w.safetensors", () => decodeSafetensors(lying, "w.safetensors"));
  expect(peak() - before).toBeLessThan(64 * 2 ** 20);
});
