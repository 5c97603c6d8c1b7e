import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dicomFile } from "../../../test/helpers/dicomFile.ts";
import { expectError, expectRejection } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import { readSpacing, surveySpacings } from "./spacing.node.ts";
import { distanceUnit } from "./spacing.ts";

let folder: string;
const image = { width: 4, height: 3, data: new Uint8Array(36) };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-spacing-"));
  await writeFile(join(folder, "with.dcm"), dicomFile(image, [0.25, 0.5]));
  await writeFile(join(folder, "without.dcm"), dicomFile(image));
  await writeFile(join(folder, "named.png"), dicomFile(image, [2, 3]));
  const raw = { width: 4, height: 3, channels: 3 } as const;
  await sharp(image.data, { raw }).withMetadata({ density: 300 }).toFile(join(folder, "print.png"));
});
afterAll(() => rm(folder, { recursive: true }));

test("DICOM files tell the size of their pixels, whatever they are called; a resolution of print is none", async () => {
  const names = ["with.dcm", "without.dcm", "named.png", "print.png", "missing.png"];
  const survey = await surveySpacings(names.map((name) => join(folder, name)));
  expect(survey).toEqual({
    images: 5,
    known: 2,
    spacings: [[0.25, 0.5], undefined, [2, 3], undefined, undefined],
  });
});

test("a damaged DICOM file is named", async () => {
  const path = join(folder, "cut.dcm");
  await writeFile(path, dicomFile(image, [0.25, 0.5]).subarray(0, 170));
  await expectRejection(readSpacing(path), DataError, path);
});

test("distances are in mm only if every image tells the size of its pixels", () => {
  expect(distanceUnit({ images: 3, known: 3 }, "auto", "a")).toBe("mm");
  expect(distanceUnit({ images: 3, known: 2 }, "auto", "a")).toBe("px");
  expect(distanceUnit({ images: 0, known: 0 }, "auto", "a")).toBe("px");
  expect(distanceUnit({ images: 3, known: 3 }, "px", "a")).toBe("px");
  expect(distanceUnit({ images: 3, known: 3 }, "mm", "a")).toBe("mm");
  expectError(
    () => distanceUnit({ images: 3, known: 2 }, "mm", "scans"),
    DataError,
    "scans: all images must tell the size of their pixels for distances in mm, got 2 of 3; leave out --unit mm",
  );
});
