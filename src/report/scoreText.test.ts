import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { scoreClasses } from "../metrics/scoreClasses.ts";
import { scoreInstances } from "../metrics/scoreInstances.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { summarise } from "../metrics/summarise.ts";
import { summariseRows } from "../score/scores.ts";
import { foregroundOf, type Labels } from "../tensor/raster.ts";
import { formatScores, formatTable } from "./scoreText.ts";
import { textTable } from "./textTable.ts";

const empty = drawnMask("....\n....\n....");
const one = drawnMask("....\n.#..\n....");
const two = drawnMask("....\n.##.\n....");
const scores = [scorePair(one, two), scorePair(empty, two), scorePair(two, two)];

test("a summary is a table with its notes below", () => {
  const lines = formatTable(summarise(scores)).split("\n");
  expect(lines[0]).toBe(
    "                        mean     std  median     min     max          interval  images",
  );
  expect(lines[1]).toBe(
    "Dice                  0.5556  0.5092  0.6667  0.0000  1.0000  0.0000 to 1.0000       3",
  );
  // The missed image has no distance of its own: it is counted below.
  expect(lines[3]).toBe(
    "HD95 (px)               0.47    0.67    0.47    0.00    0.95      0.00 to 0.95       2",
  );
  expect(lines.slice(lines.indexOf("") + 1)).toEqual([
    "over all pixels at once: Dice 0.6667, IoU 0.5000, Sensitivity 0.5000, Precision 1.0000, " +
      "mIoU with background 0.7045",
    "3 images: 0 with an empty truth, 1 with an empty prediction; 1 missed, 0 false",
    "over all images: Dice 0.5556, IoU 0.5000, HD95 (px) 1.98, ASSD (px) 1.78",
    "means, their spread and intervals are over the images that have it: shares over those whose truth is " +
      "not empty (missed: 0), distances over those where neither mask is",
    "over all images: absent on both sides counts as 1 and as a distance of 0; where just one mask is " +
      "empty, the distances are the image's diagonal",
    "NSD within 1 px",
    "interval: 95 % of the mean, by bootstrap over images (2000 resamples, seed 0)",
  ]);
  // Nothing is said of empty masks where there are none.
  expect(
    formatTable(summarise([scores[0]!, scores[2]!]))
      .split("\n")
      .slice(-4),
  ).toEqual([
    "over all pixels at once: Dice 0.8571, IoU 0.7500, Sensitivity 0.7500, Precision 1.0000, " +
      "mIoU with background 0.8512",
    "2 images: 0 with an empty truth, 0 with an empty prediction; 0 missed, 0 false",
    "NSD within 1 px",
    "interval: 95 % of the mean, by bootstrap over images (2000 resamples, seed 0)",
  ]);
});

test("numbers that do not exist are n/a, infinite ones a sign", () => {
  expect(formatTable(summarise([]))).toContain("Dice                   n/a");
  const far = summarise([scorePair(empty, two, { empty: "infinity" })]);
  expect(formatTable(far)).toMatch(/HD95 \(px\)\s+∞/);
});

/** A row of pixels, a digit the class and the id. */
const row = (ids: string): Labels => ({
  width: ids.length,
  height: 1,
  classes: Uint8Array.from(ids, (id) => Number(id)),
  instances: Int32Array.from(ids, Number),
});

test("a class of which nothing is predicted has 0 in the table, however rare it is", () => {
  // Class 2 is in one image of four and never predicted; class 3 is nowhere.
  const pairs = [
    ["110000", "110000"],
    ["110000", "110000"],
    ["110220", "110000"],
    ["110000", "100000"],
  ].map(([truth, prediction]) => [row(prediction!), row(truth!)] as const);
  const named = <Own>(of: (prediction: Labels, truth: Labels) => Own) =>
    pairs.map(([p, t], i) => ({ name: String(i), scores: of(p, t) }));
  const scores = summariseRows({
    perImage: named((p, t) => scorePair(foregroundOf(p), foregroundOf(t))),
    classes: named((p, t) => scoreClasses(p, t, { classes: 3 })),
    instances: named((p, t) => scoreInstances(p, t, { classes: 3 })),
  });
  const text = formatScores({ ...scores, classNames: ["lesion", "naevus", "mole"] });
  const lines = text.split("\n").map((line) => line.split(/ {2,}/));
  const [apart, masks] = [
    lines.filter(([name]) => name === "naevus")[0]!,
    lines.filter(([name]) => name === "naevus")[1]!,
  ];
  expect(apart).toEqual([
    "naevus",
    "0.0000",
    "0.0000",
    "0.0000",
    "0.0000",
    "0.0000",
    "-0.3333",
    "1",
    "0",
    "0",
    "1",
  ]);
  // Dice and IoU over all pixels and as means, no distances, one image, missed in it.
  expect(masks).toEqual([
    "naevus",
    "0.0000",
    "0.0000",
    "0.0000",
    "0.0000",
    "n/a",
    "n/a",
    "1",
    "1",
    "0",
  ]);
  expect(lines.filter(([name]) => name === "mole")[1]).toEqual([
    ...["mole", "n/a", "n/a", "n/a", "n/a", "n/a", "n/a", "0", "0", "0"],
  ]);
  // Lesion: 7 of 8 pixels; means of the two classes that are there.
  expect(lines.find(([name]) => name === "mean of 2 classes present")!.slice(1, 5)).toEqual([
    ...["0.4667", "0.4375", "0.4583", "0.4375"],
  ]);
  // What it would be if silence were rewarded is still said, as what it is.
  expect(text).toContain("mean of the 3 classes over all images: Dice 0.8889");
  // Each footnote once.
  const notes = text.split("\n").filter((line) => line.includes(":"));
  expect(new Set(notes).size).toBe(notes.length);
  expect(text.match(/interval: 95 %/g)).toHaveLength(1);
  expect(text.split("\n").length).toBeLessThan(60);
});

test("columns of numbers stand to the right, words to the left", () => {
  expect(
    textTable([
      ["what", "n", "why"],
      ["a", "10", "x"],
      ["longer", "n/a", "because"],
    ]),
  ).toBe("what      n  why\na        10  x\nlonger  n/a  because");
});
