/** Names that a data set's files make up must not reach anything outside the folder that is written. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { cocoJson, put, putImage, putMask } from "../../../test/helpers/layoutTrees.ts";
import { writeNuclei } from "../../../test/helpers/nuclei.ts";
import { predictInputs } from "../../commands/predictInputs.node.ts";
import { DataError, SgdcError } from "../../base/errors.ts";
import type { Dataset } from "../dataset.ts";
import { openDataset } from "../openDataset.node.ts";
import { convertDataset, targetForms } from "./convertDataset.node.ts";

let root: string;
let source: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-names-"));
  source = join(root, "deep/source");
  for (const path of ["victim", "deep/victim", "deep/out-victim"]) {
    await put(root, `${path}/scan.png`, "precious");
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Every file below the root with its content, but for those under the target. */
async function outside(target: string): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path === target || path.startsWith(`${target}/`)) continue;
    found.push([path, entry.isFile() ? await readFile(path, "base64") : "folder"]);
  }
  return Object.fromEntries(found.sort());
}

/** A CoNIC set whose first patch has this name. */
async function putConic(name: string): Promise<void> {
  await writeNuclei(source, { count: 2, size: 8 });
  const quoted = `"${name.replaceAll('"', '""')}"`;
  await writeFile(join(source, "patch_info.csv"), `patch_info\n${quoted}\nset_0-0001\n`);
}

for (const to of targetForms) {
  test(`a CoNIC patch named ../../../victim/scan overwrites nothing when it goes to ${to}`, async () => {
    await putConic("../../../victim/scan");
    const out = join(root, "deep/out");
    const before = await outside(out);
    const failure = await openDataset(source)
      .then((data) => convertDataset(data, to, out, { dropInstances: true }))
      .catch((error: unknown) => error);
    expect(await outside(out)).toEqual(before);
    // predict names its files after the samples of a data set, too.
    await expectRejection(
      predictInputs([source]),
      DataError,
      `${source}/patch_info.csv: patch 0 must`,
    );
    expect(failure).toEqual(
      new DataError(
        `${source}/patch_info.csv: patch 0 must have a name that can be that of a file, got "../../../victim/scan", which holds a slash; rename it`,
      ),
    );
  });
}

/** Names that try to get out, to hide, or to be something else than a name. */
const hostileName = fc.oneof(
  fc.constantFrom(
    ...["..", ".", "../x", "../../victim/scan", "../../../victim/scan", "/tmp/x", "a/b"],
    ...["a/../../x", "..\\victim", "C:\\x", "C:x", "a\u0000b", "a\u001b[31m", "con", "NUL.png"],
    ...["x".repeat(300), "__proto__", "constructor", "valid-name", "-0", ".hidden", "12:30", "骨"],
  ),
  fc
    .array(fc.constantFrom("..", ".", "/", "\\", "victim", "scan", "out", "images", "\u0000", " "))
    .map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** Converts; what happens inside the target is the writers' affair, all else must stay as it is. */
async function changesNothingOutside(open: () => Promise<Dataset>): Promise<boolean> {
  let written = false;
  for (const to of targetForms) {
    const out = join(root, "deep/out");
    const before = await outside(out);
    try {
      await convertDataset(await open(), to, out, { dropInstances: true });
      written = true;
    } catch (error) {
      if (!(error instanceof SgdcError)) throw error;
    }
    expect(await outside(out)).toEqual(before);
    await rm(out, { recursive: true, force: true });
  }
  return written;
}

test("whatever names patch_info.csv holds, no writer changes anything outside of its target", async () => {
  const seen = { written: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(hostileName, async (name) => {
      await putConic(name);
      seen[(await changesNothingOutside(() => openDataset(source))) ? "written" : "refused"]++;
    }),
    { seed: 11, numRuns: 24, endOnFailure: true },
  );
  // Both ways were gone.
  expect(Math.min(seen.written, seen.refused)).toBeGreaterThan(2);
});

test("whatever names a data set gives its samples, no writer changes anything outside of its target", async () => {
  await putImage(source, "images/a.png");
  await putMask(source, "masks/a.png");
  const data = await openDataset(source);
  const seen = { written: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(hostileName, async (name) => {
      const named = { ...data, train: data.train.map((sample) => ({ ...sample, name })) };
      const written = await changesNothingOutside(() => Promise.resolve(named));
      seen[written ? "written" : "refused"]++;
    }),
    { seed: 12, numRuns: 40, endOnFailure: true },
  );
  expect(Math.min(seen.written, seen.refused)).toBeGreaterThan(2);
});

test("whatever file names a COCO file holds, nothing outside of the data set is read or written", async () => {
  await putImage(source, "images/a.jpg");
  await putImage(source, "images/b.png");
  // Files that the names lead to from where images may lie.
  for (const path of ["victim/a.jpg", "deep/victim/a.jpg"]) await putImage(root, path);
  const outsideName = fc.constantFrom(
    "../../victim/a.jpg",
    "../victim/a.jpg",
    "../../../victim/a.jpg",
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(hostileName, outsideName), async (name) => {
      const json = cocoJson();
      json.images[0]!.file_name = name;
      await put(source, "annotations.json", JSON.stringify(json));
      await changesNothingOutside(async () => {
        const data = await openDataset(source);
        for (const { image } of data.train)
          expect(image.startsWith(`${source}/images/`)).toBe(true);
        return data;
      });
    }),
    { seed: 13, numRuns: 40, endOnFailure: true },
  );
});

test("a sample that cannot be a file is named before anything is written", async () => {
  await putImage(source, "images/a.png");
  await putMask(source, "masks/a.png");
  const data = await openDataset(source);
  const train = data.train.map((sample) => ({ ...sample, name: "train/a" }));
  await expectRejection(
    convertDataset({ ...data, train }, "folders", join(root, "out")),
    DataError,
    `${source}/images/a.png: image must have a name that can be that of a file, got "train/a", which holds a slash; rename it`,
  );
  expect(await readdir(root)).toEqual(["deep", "victim"]);
});

test("an image named __proto__ goes to every form and back, with its group", async () => {
  await putConic("__proto__-constructor");
  await writeFile(join(source, "patch_info.csv"), "patch_info\n__proto__\nconstructor\n");
  for (const to of targetForms) {
    const out = join(root, to);
    await convertDataset(await openDataset(source), to, out, { dropInstances: true });
    const { train } = await openDataset(out);
    expect(train.map(({ name, group }) => [name, group])).toEqual([
      ["__proto__", "__proto__"],
      ["constructor", "constructor"],
    ]);
  }
});
