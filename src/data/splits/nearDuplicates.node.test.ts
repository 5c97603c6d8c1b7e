import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sample } from "../dataset.ts";
import { acrossParts, findNearDuplicates, hasFindings } from "./nearDuplicates.node.ts";
import { openDataset } from "../openDataset.node.ts";
import { writePhantoms } from "../phantoms/writePhantoms.node.ts";

let folder: string;
let phantoms: Sample[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-near-"));
  await writePhantoms(join(folder, "set"), { count: 12, seed: 1, size: 128 });
  phantoms = (await openDataset(join(folder, "set"))).train;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sampleOf = (name: string, file: string): Sample => ({
  name,
  image: join(folder, file),
  labels: { kind: "mask", path: join(folder, "none.png") },
});

describe("near-duplicates of a data set", () => {
  it("are found across parts: copied, re-encoded, made smaller, brightened, turned over", async () => {
    const source = phantoms[4]!;
    const image = sharp(await readFile(source.image));
    await copyFile(source.image, join(folder, "copy.png"));
    await image.clone().jpeg({ quality: 40 }).toFile(join(folder, "lossy.jpg"));
    await image.clone().resize(70, 90, { fit: "fill" }).toFile(join(folder, "small.png"));
    await image.clone().linear(0.8, 30).toFile(join(folder, "bright.png"));
    await image.clone().flop().toFile(join(folder, "mirrored.png"));
    await image.clone().rotate(90).jpeg().toFile(join(folder, "turned.jpg"));
    const files = [
      ...["copy.png", "lossy.jpg", "small.png", "bright.png", "mirrored.png", "turned.jpg"],
    ];
    const test = files.map((file) => sampleOf(file, file));
    const progress: number[] = [];
    const found = await findNearDuplicates(
      { train: phantoms, test },
      { onProgress: (done) => progress.push(done) },
    );
    expect([found.checked, found.total]).toEqual([18, 18]);
    expect(progress.at(-1)).toBe(18);
    const pairs = acrossParts(found);
    expect(
      pairs.map(({ images: [a, b], kind, symmetry }) => [a.name, b.name, kind, symmetry]),
    ).toEqual([
      [source.name, "bright.png", "similar", "none"],
      [source.name, "copy.png", "identical", "none"],
      [source.name, "lossy.jpg", "similar", "none"],
      [source.name, "mirrored.png", "similar", "mirrorX"],
      [source.name, "small.png", "similar", "none"],
      // Turned to the right by 90 degrees: it has to be turned to the left.
      [source.name, "turned.jpg", "similar", "turnLeft"],
    ]);
    expect(pairs.every(({ images: [a, b] }) => a.part === "train" && b.part === "test")).toBe(true);
  });

  it("are none among different images, and stop being looked for when time is up", async () => {
    const parts = { train: phantoms.slice(0, 8), test: phantoms.slice(8) };
    expect((await findNearDuplicates(parts)).pairs).toEqual([]);
    const short = await findNearDuplicates(parts, { seconds: 0 });
    expect([short.checked, short.total, short.pairs]).toEqual([0, 12, []]);
  });

  it("pass over files that cannot be read, and name them with what is wrong", async () => {
    await writeFile(join(folder, "bad.jpg"), "no picture");
    const bytes = await readFile(phantoms[0]!.image);
    await writeFile(join(folder, "cut.png"), bytes.subarray(0, bytes.length >> 1));
    await copyFile(phantoms[0]!.image, join(folder, "same.png"));
    const test = ["cut", "bad", "same"].map((name) =>
      sampleOf(name, name === "bad" ? "bad.jpg" : `${name}.png`),
    );
    const found = await findNearDuplicates({ train: phantoms, test });
    expect([found.checked, found.total]).toEqual([13, 15]);
    expect(found.pairs.map(({ images: [a, b] }) => [a.name, b.name])).toEqual([
      [phantoms[0]!.name, "same"],
    ]);
    expect(found.unreadable).toEqual([
      {
        ...{ part: "test", name: "bad" },
        message: expect.stringContaining(`${join(folder, "bad.jpg")}: must be a`) as string,
      },
      {
        ...{ part: "test", name: "cut" },
        message: expect.stringContaining(
          `${join(folder, "cut.png")}: must be a whole image, got a truncated or damaged one`,
        ) as string,
      },
    ]);
    expect(hasFindings(found)).toBe(true);
    expect(hasFindings({ ...found, pairs: [], unreadable: [] })).toBe(false);
  });
});
