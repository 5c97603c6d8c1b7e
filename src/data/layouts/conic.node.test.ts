import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { readAll } from "../../../test/helpers/layoutTrees.ts";
import { npyFile } from "../../../test/helpers/npyFile.ts";
import { writeNuclei } from "../../../test/helpers/nuclei.ts";
import { DataError } from "../../base/errors.ts";
import { openDataset } from "../openDataset.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-layouts-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = (message: string) => expectRejection(openDataset(root), DataError, message);

test("CoNIC opens by its headers, with classes, source images as groups, and reads", async () => {
  await writeNuclei(join(root, "nested", "CoNIC"), { count: 4, size: 32 });
  await writeFile(join(root, "nested", "CoNIC", "counts.csv"), "neutrophil\n0\n0\n0\n0\n");
  const data = await openDataset(root);
  expect([data.layout, data.instances, data.classes[5]]).toEqual(["conic", true, "connective"]);
  expect(data.train.map(({ name, group, index }) => [name, group, index])).toEqual([
    ["set_0-0000", "set_0", 0],
    ["set_0-0001", "set_0", 1],
    ["set_1-0000", "set_1", 2],
    ["set_1-0001", "set_1", 3],
  ]);
  for (const [pixels, instances] of await readAll(data)) {
    expect(pixels).toBeGreaterThan(10);
    expect(instances).toBeGreaterThan(1);
  }
});

test("CoNIC with labels of another length, without labels or without patch names is refused", async () => {
  await writeNuclei(root, { count: 3, size: 8 });
  const labels = join(root, "labels.npy");
  await writeFile(labels, npyFile("<i4", [2, 8, 8, 2], new Int32Array(256)));
  await refused(
    `${labels}: array must have shape (3, 8, 8, 2) to go with images.npy, got (2, 8, 8, 2)`,
  );
  await writeFile(labels, npyFile("<i4", [3, 8, 8, 2], new Int32Array(384)));
  await writeFile(join(root, "patch_info.csv"), "patch_info\na_1-0000\na_1-0001\n");
  await refused(
    `${root}/patch_info.csv: must have a line for each of the 3 patches of images.npy below its header, got 2`,
  );
  await writeFile(join(root, "patch_info.csv"), "patch_info\na_1-0\na_1-1\na_1-0\n");
  await refused(
    `${root}/patch_info.csv: names of patches must be unique, got a_1-0 for patches 0 and 2`,
  );
  await rm(join(root, "patch_info.csv"));
  await refused(
    `${root}: CoNIC needs patch_info.csv beside images.npy, which says which slide each patch comes from, got images.npy, labels.npy`,
  );
  await rm(labels);
  await refused(`${root}: CoNIC needs labels.npy beside images.npy, got images.npy`);
  await writeFile(labels, npyFile("<i4", [3, 8, 8, 2], new Int32Array(384)));
  await writeFile(join(root, "patch_info.csv"), "patch_info\na\nb\nc\n");
  await writeFile(join(root, "images.npy"), npyFile("|u1", [3, 8, 8], new Uint8Array(192)));
  await refused(
    `${root}/images.npy: array must have shape (count, height, width, 3), got (3, 8, 8)`,
  );
});
