import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { putDsb2018, putImage, putMask } from "../../test/helpers/layoutTrees.ts";
import { augmentOperations } from "../data/augment/augmentOptions.ts";
import { readImage } from "../data/images/readImage.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { augmentSheet } from "./augmentSheet.node.ts";

let root: string;
let out: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-sheet-"));
  out = join(root, "sheet.png");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const size = 32;
const gap = 8;
/** Pixels of a line that names the classes. */
const legend = 24;
const caption = 18;

async function putPairs(): Promise<void> {
  for (const name of ["a", "b", "c"]) {
    await putImage(root, `images/${name}.png`);
    await putMask(root, `masks/${name}.png`);
  }
}

/** The pixels of a cell without its caption. */
function cell({ width, data }: RgbImage, row: number, column: number): string {
  const left = gap + column * (size + gap);
  const top = gap + row * (size + caption + gap) + caption;
  return Array.from({ length: size }, (_, y) =>
    data.subarray(((top + y) * width + left) * 3, ((top + y) * width + left + size) * 3).join(),
  ).join();
}

test("a row an image, the original in front, the same for the same seed", async () => {
  await putPairs();
  const options = { path: root, out, rows: 2, columns: 3, size, operations: false };
  const result = await augmentSheet({ ...options, horizontalFlip: 0, verticalFlip: 0, rotate: 0 });
  expect(result).toEqual({
    out,
    width: 4 * (size + gap) + gap,
    height: 2 * (size + caption + gap) + gap + legend,
    names: ["a", "b"],
    operations: [],
  });
  const still = await readImage(out);
  expect([still.width, still.height]).toEqual([result.width, result.height]);
  for (const column of [1, 2, 3]) expect(cell(still, 0, column)).toBe(cell(still, 0, 0));
  expect(cell(still, 1, 0)).not.toBe(cell(still, 0, 0));

  await expectRejection(
    augmentSheet({ ...options, brightness: 1 }),
    ArgumentError,
    `${out}: output file must not exist yet, got one`,
  );
  await augmentSheet({ ...options, brightness: 1, overwrite: true });
  const changed = await readFile(out);
  const picture = await readImage(out);
  expect(cell(picture, 0, 0)).toBe(cell(still, 0, 0));
  expect(new Set([0, 1, 2, 3].map((column) => cell(picture, 0, column))).size).toBe(4);
  await augmentSheet({ ...options, brightness: 1, overwrite: true });
  expect(changed.equals(await readFile(out))).toBe(true);
  await augmentSheet({ ...options, brightness: 1, seed: 1, overwrite: true });
  expect(changed.equals(await readFile(out))).toBe(false);
});

test("each operation is shown alone before, and changes the picture, whatever its probability", async () => {
  await putDsb2018(root);
  const { operations, height } = await augmentSheet({ path: root, out, rows: 1, columns: 4, size });
  expect(operations).toEqual(augmentOperations);
  // Original and operations in rows of five, and one row of augmentations.
  const rows = Math.ceil((1 + operations.length) / 5) + 1;
  expect(height).toBe(rows * (size + caption + gap) + gap + legend);
  const sheet = await readImage(out);
  const original = cell(sheet, 0, 0);
  for (let i = 1; i <= operations.length; i++) {
    expect(cell(sheet, Math.floor(i / 5), i % 5)).not.toBe(original);
  }
});

test("bad options and folders are refused", async () => {
  await expectRejection(
    augmentSheet({ path: root, out: "sheet.jpg" }),
    ArgumentError,
    "out (--out) must be a .png file, got sheet.jpg",
  );
  await expectRejection(
    augmentSheet({ path: root, out, elastic: 2 }),
    ArgumentError,
    "elastic (--elastic) must be at most 1, got 2",
  );
  await expectRejection(augmentSheet({ path: root, out }), DataError, `${root}: `);
});
