import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, open, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { npyFile } from "../../../test/helpers/npyFile.ts";
import { DataError } from "../../base/errors.ts";
import { openNpy, readNpyEntry } from "./readNpy.node.ts";

interface Fixture {
  readonly cases: readonly {
    readonly dtype: string;
    readonly littleEndian: boolean;
    readonly version: number;
    readonly file: string;
    readonly shape: number[];
    /** Values of entry 1. */
    readonly entry: number[];
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/npy.json", import.meta.url), "utf8"),
) as Fixture;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-npy-"));
  path = join(folder, "a.npy");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(fixture.cases)("$dtype, little-endian $littleEndian, version $version", async (item) => {
  await writeFile(path, Buffer.from(item.file, "base64"));
  const npy = await openNpy(path);
  expect([npy.dtype, npy.version, npy.shape, npy.fortranOrder]).toEqual([
    item.dtype,
    item.version,
    item.shape,
    false,
  ]);
  const { shape, data } = await readNpyEntry(npy, 1);
  expect(shape).toEqual(item.shape.slice(1));
  expect([...data]).toEqual(item.entry);
});

test("an entry of a file of many gigabytes is read without the others", async () => {
  // A sparse file: 2^40 bytes by its header, some kilobytes on the disk.
  const count = 2 ** 20;
  const head = npyFile("|u1", [count, 1024, 1024, 1], new Uint8Array(0));
  await writeFile(path, head);
  await truncate(path, head.length + count * 2 ** 20);
  const file = await open(path, "r+");
  await file.write(Uint8Array.of(7, 8, 9), 0, 3, head.length + (count - 1) * 2 ** 20);
  await file.close();
  const npy = await openNpy(path);
  const before = process.memoryUsage().rss;
  const { data } = await readNpyEntry(npy, count - 1);
  expect([...data.subarray(0, 4)]).toEqual([7, 8, 9, 0]);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
});

test.skipIf(process.platform !== "linux")("no file stays open, whatever happens", async () => {
  const handles = async () => (await readdir("/proc/self/fd")).length;
  await writeFile(path, npyFile("<i4", [2, 3], new Int32Array(6)));
  const npy = await openNpy(path);
  const before = await handles();
  for (let i = 0; i < 50; i++) {
    await readNpyEntry(await openNpy(path), i % 2);
    await readNpyEntry(npy, 99).catch(() => undefined);
    await openNpy(folder).catch(() => undefined);
    await openNpy(join(folder, "none.npy")).catch(() => undefined);
  }
  expect(await handles()).toBeLessThanOrEqual(before);
});

test("files that are no arrays of numbers say what was expected and what was got", async () => {
  const header = (text: string) => {
    const bytes = Buffer.alloc(10 + text.length);
    bytes.write("\x93NUMPY\x01\0", "latin1");
    bytes.writeUInt16LE(text.length, 8);
    bytes.write(text, 10, "latin1");
    return bytes;
  };
  const good = Buffer.from(npyFile("<i4", [2, 3], new Int32Array(6)));
  const version = Buffer.from(good);
  version[6] = 4;
  const long = Buffer.from(npyFile("<i4", [2], new Int32Array(2), 2));
  long.writeUInt32LE(2 ** 31, 8);
  const cases: readonly [bytes: Uint8Array, text: string][] = [
    [Buffer.alloc(0), "must be a .npy file, got one of no bytes"],
    [Buffer.from("PK\x03\x04 and more"), "must be a .npy file, got one of another kind"],
    [version, ".npy version must be 1, 2 or 3, got 4.0"],
    [long, ".npy header must have at most 10000 bytes, got 2147483648"],
    [good.subarray(0, 40), ".npy header must have 118 bytes, got 30; the file is cut off"],
    [
      good.subarray(0, -1),
      ".npy file must hold 24 bytes of values for shape (2, 3) of int32, got 23; it may be cut off",
    ],
    [header("hello"), '.npy header must be a dictionary, got "hello"'],
    [
      header("{'descr': '<i4', 'shape': (2,)}"),
      ".npy header must hold descr, fortran_order and shape, got ",
    ],
    [
      header("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,)}"),
      ".npy header must hold descr, fortran_order and shape, got ",
    ],
    [
      header("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}"),
      '.npy header must describe numbers (<u1, <i4, <f4, ...), got "|O"',
    ],
    [
      header("{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,)}"),
      ".npy header must hold a shape of whole numbers, got (99999999999999999999,)",
    ],
    [
      header(
        "{'descr': '<i4', 'fortran_order': False, 'shape': (9007199254740991, 9007199254740991)}",
      ),
      ".npy file must hold 3.2",
    ],
  ];
  for (const [bytes, text] of cases) {
    await writeFile(path, bytes);
    await expectRejection(openNpy(path), DataError, `${path}: ${text}`);
  }
  await mkdir(join(folder, "f"));
  await expectRejection(
    openNpy(join(folder, "f")),
    DataError,
    `${join(folder, "f")}: must be a .npy file, got a folder or device`,
  );
  await expectRejection(
    openNpy(join(folder, "g")),
    DataError,
    `${join(folder, "g")}: must be a readable .npy file, got no such file or folder (ENOENT)`,
  );
});

test("entries that cannot be read say why", async () => {
  const entry = async (bytes: Uint8Array, index: number, most?: number) => {
    await writeFile(path, bytes);
    return readNpyEntry(await openNpy(path), index, most);
  };
  const good = npyFile("<i4", [2, 3], new Int32Array(6));
  await expectRejection(entry(good, 2), DataError, `${path}: entry must be 0 to 1, got 2`);
  await expectRejection(entry(good, -1), DataError, `${path}: entry must be 0 to 1, got -1`);
  await expectRejection(entry(good, 0.5), DataError, `${path}: entry must be 0 to 1, got 0.5`);
  await expectRejection(
    entry(good, 0, 2),
    DataError,
    `${path}: an entry must have at most 2 values, got (3) = 3`,
  );
  await expectRejection(
    entry(npyFile("<i4", [2, 3], new Int32Array(6), 1, true), 0),
    DataError,
    `${path}: array must be in C order, got Fortran order; save it again with np.ascontiguousarray`,
  );
  const single = Buffer.from(npyFile("<i4", [1], new Int32Array(1)));
  single.write("(),", single.indexOf("(1,"), "latin1");
  single.write(" ", single.indexOf("(),)") + 3, "latin1");
  await expectRejection(
    entry(single, 0),
    DataError,
    `${path}: array must have entries along a first axis, got a single number`,
  );
  await expectRejection(
    entry(npyFile("<i8", [1], BigInt64Array.of(2n ** 60n)), 0),
    DataError,
    `${path}: entry 0: whole numbers must be at most 2^53 - 1, got 1152921504606846976`,
  );
  await writeFile(path, good);
  const npy = await openNpy(path);
  await truncate(path, good.length - 5);
  await expectRejection(
    readNpyEntry(npy, 1),
    DataError,
    `${path}: entry 1 must have 12 bytes, got 7; the file became shorter`,
  );
});
