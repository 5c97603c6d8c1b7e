import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import {
  namesOf,
  putImage,
  putMask,
  putPh2,
  readAll,
  rectangle,
} from "../../../test/helpers/layoutTrees.ts";
import { DataError } from "../../base/errors.ts";
import { openDataset } from "../openDataset.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-layouts-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = (message: string) => expectRejection(openDataset(root), DataError, message);

test("PH2 opens, and reads 24-bit images and 1-bit lesions", async () => {
  await putPh2(root);
  const data = await openDataset(root);
  expect(data.layout).toBe("ph2");
  expect(namesOf(data)).toEqual([["IMD002", "IMD003", "IMD010"], [], []]);
  expect(await readAll(data)).toEqual([0, 1, 2].map((n) => [rectangle(n), 0]));
});

test("PH2 opens with underscores or spaces, flat or nested, in lower case", async () => {
  for (const top of ["PH2_Dataset_images", "a/PH2Dataset/PH2 Dataset images", "."]) {
    await rm(root, { recursive: true, force: true });
    await putPh2(root, top);
    const data = await openDataset(join(root, top === "." ? "" : top.split("/")[0]!));
    expect(data.train.length, top).toBe(3);
  }
  await rm(root, { recursive: true });
  await putImage(root, "imd7/imd7 dermoscopic image/imd7.bmp");
  await putMask(root, "imd7/imd7 lesion/imd7 lesion.bmp");
  expect(namesOf(await openDataset(root))[0]).toEqual(["IMD7"]);
});

test("a PH2 case without its lesion, or with two pictures of it, is named", async () => {
  await putPh2(root, "cases");
  await putMask(root, "cases/IMD003/IMD003_lesion/other.bmp");
  await refused(
    `${root}/cases/IMD003/IMD003_lesion: must hold one image, got IMD003_lesion.bmp, other.bmp`,
  );
  await rm(join(root, "cases/IMD003/IMD003_lesion"), { recursive: true });
  await refused(
    `${root}/cases/IMD003: must hold a folder IMD003_lesion, got IMD003_Dermoscopic_Image, IMD003_roi`,
  );
});

test("a PH2 case that is there twice is named", async () => {
  await putPh2(root, "a");
  await putPh2(root, "b");
  await refused(`${root}/b/IMD002: case must be there once, got ${root}/a/IMD002/IMD002_Derm`);
});
