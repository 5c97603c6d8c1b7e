import { expect, test } from "vitest";
import { imageExtensions } from "../dataset.ts";
import { noImagesIn, otherFormat } from "./otherFormats.ts";

test("volumes, whole slides and other files are named as what they are", () => {
  expect(otherFormat("/data/case_0000.NII.gz")).toBe(
    "a NIfTI volume, of three dimensions; save its slices as PNG or TIFF, with their masks",
  );
  expect(otherFormat("a.b/scan.nii")).toContain("a NIfTI volume");
  expect(otherFormat("slide.svs")).toBe(
    "a whole slide image of Aperio; cut regions of it out as PNG or TIFF, e.g. with QuPath or OpenSlide",
  );
  for (const file of ["a", "a.constructor", "a.__proto__", "x.nii/a", "notes.txt", "a.gz"]) {
    expect(otherFormat(file), file).toBeUndefined();
  }
  for (const extension of imageExtensions) expect(otherFormat(`a${extension}`)).toBeUndefined();
});

test("a folder without images says what it holds instead", () => {
  expect(noImagesIn("images", ["notes.txt", "a.nii.gz"])).toMatch(
    /^images: folder must hold images \(\.png .*\), got a\.nii\.gz, a NIfTI volume, of three/,
  );
  expect(noImagesIn("images", ["notes.txt"])).toMatch(/got none$/);
});
