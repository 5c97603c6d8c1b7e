import { describe, expect, it } from "vitest";
import { didYouMean, editDistance, nearest } from "./suggest.ts";

describe("editDistance", () => {
  it("counts insertions, deletions, replacements and swaps of neighbours", () => {
    expect(editDistance("", "abc")).toBe(3);
    expect(editDistance("paper", "papr")).toBe(1);
    expect(editDistance("train", "trian")).toBe(1);
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("same", "same")).toBe(0);
  });
});

describe("nearest", () => {
  it("looks past case and dashes, and gives nothing when nothing is near", () => {
    expect(nearest("batch-size", ["batchSize", "microBatch"])).toBe("batchSize");
    expect(nearest("EPOCH", ["epochs", "seed"])).toBe("epochs");
    expect(nearest("zzz", ["epochs", "seed"])).toBeUndefined();
    expect(didYouMean("sed", ["seed"])).toBe('; did you mean "seed"?');
    expect(didYouMean("qqq", ["seed"])).toBe("");
  });
});
