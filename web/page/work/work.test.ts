import { describe, expect, it } from "vitest";
import { pairMasks } from "./pairMasks.ts";

const files = (...names: string[]) => names.map((name) => ({ name }));
const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);

describe("pairMasks", () => {
  it("takes a file named after an image for its truth", () => {
    const given = files("a.jpg", "a_mask.png", "b_segmentation.png", "b.tif", "c.png");
    const { masks, others } = pairMasks(given, []);
    expect(masks.map(({ file, of }) => [file.name, of])).toEqual([
      ["a_mask.png", "a.jpg"],
      ["b_segmentation.png", "b.tif"],
    ]);
    expect(names(others)).toEqual(["a.jpg", "b.tif", "c.png"]);
  });

  it("knows images that are open already, and takes a mask without image for an image", () => {
    const { masks, others } = pairMasks(files("open_mask.png", "lonely_mask.png"), ["open.png"]);
    expect(masks.map(({ of }) => of)).toEqual(["open.png"]);
    expect(names(others)).toEqual(["lonely_mask.png"]);
  });
});
