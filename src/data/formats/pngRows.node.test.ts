import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFileSet, type OutputFile } from "../../base/fileSet.node.ts";
import { DataError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { readLabelMapFile } from "../labels/labelFiles.node.ts";
import { readImage } from "../images/readImage.node.ts";
import { createPngRows } from "./pngRows.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-png-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each([
  ["grey8", 37, 1, 5],
  ["rgb8", 64, 3, 1],
  ["rgb8", 1, 3, 64],
  ["rgb8", 9000, 3, 7],
] as const)(
  "%s of width %i comes back as it was, in strips of any height",
  async (kind, width, channels, step) => {
    const height = 64;
    const random = Random.of("png", width);
    const data = Uint8Array.from({ length: width * height * channels }, () => random.int(256));
    const files = createFileSet();
    const path = join(folder, "a.png");
    const png = await createPngRows(await files.open(path), { width, height }, kind);
    const row = width * channels;
    for (let y = 0; y < height; y += step)
      await png.write(data.subarray(y * row, Math.min(height, y + step) * row));
    await png.end();
    await files.commit();
    const image = await readImage(path);
    expect([image.width, image.height]).toEqual([width, height]);
    const expected =
      channels === 3
        ? data
        : data.reduce(
            (all, v, i) => all.fill(v, 3 * i, 3 * i + 3),
            new Uint8Array(3 * data.length),
          );
    // As bytes: comparing millions of elements one by one takes seconds.
    expect(Buffer.compare(image.data, expected)).toBe(0);
    // libpng's own reader checks checksums and that nothing follows.
    const meta = await sharp(path).metadata();
    expect([meta.format, meta.channels]).toEqual(["png", channels]);
  },
);

test("16 bits come back as they were", async () => {
  const data = Uint16Array.from({ length: 12 }, (_, i) => i * 5957);
  const files = createFileSet();
  const path = join(folder, "a.png");
  const png = await createPngRows(await files.open(path), { width: 4, height: 3 }, "grey16");
  await png.write(data);
  await png.end();
  await files.commit();
  expect((await readLabelMapFile(path)).data).toEqual(data);
});

test("a file that cannot be written ends the rows with its error instead of waiting", async () => {
  let left = 2;
  const full: OutputFile = {
    path: "full.png",
    write: () =>
      left-- > 0 ? Promise.resolve() : Promise.reject(new DataError("full.png: no space")),
  };
  const random = new Random(3);
  const noise = Uint8Array.from({ length: 300_000 }, () => random.int(256));
  const png = await createPngRows(full, { width: 1000, height: 3000 }, "grey8");
  const work = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await png.write(noise);
    await png.end();
  };
  await expect(work()).rejects.toThrow("full.png: no space");
});

test("nothing is left of a set that is discarded", async () => {
  const files = createFileSet();
  const png = await createPngRows(
    await files.open(join(folder, "a.png")),
    { width: 4, height: 4 },
    "grey8",
  );
  await png.write(new Uint8Array(8));
  await files.discard();
  expect(await readdir(folder)).toEqual([]);
});
