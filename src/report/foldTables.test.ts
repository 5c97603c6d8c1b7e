import { describe, expect, it, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import type { NearDuplicate } from "../data/splits/nearDuplicates.ts";
import { scoreClasses } from "../metrics/scoreClasses.ts";
import { scoreInstances } from "../metrics/scoreInstances.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { ArgumentError } from "../base/errors.ts";
import { foldReportHtml } from "./foldReportHtml.ts";
import { foldImagesCsv, foldsCsv, foldsMarkdown, formatFolds } from "./foldTables.ts";
import { nearDuplicateLines } from "./nearDuplicateLines.ts";
import { joinRows, summariseRows } from "../score/scores.ts";
import { summariseFolds, type FoldScores } from "../score/summariseFolds.ts";

const truth = drawnMask(`
  ####
  ####
  ....
`);
const half = drawnMask(`
  ####
  ....
  ....
`);
const nothing = drawnMask(`
  ....
  ....
  ....
`);

const image = (name: string, mask = half, empty: "diagonal" | "skip" = "diagonal") => ({
  name,
  scores: scorePair(mask, truth, { empty }),
});
const two: FoldScores[] = [
  { fold: 1, perImage: [image("a"), image("b", truth)] },
  { fold: 2, perImage: [image("c")] },
];

describe("folds in numbers", () => {
  it("weigh every fold the same, and every image the same", () => {
    const { folds, images, unit, metrics } = summariseFolds(two);
    expect([folds, images, unit]).toEqual([[1, 2], [2, 1], "px"]);
    // Dice of half the truth: 2 * 4 / (4 + 8) = 2 / 3.
    const dice = metrics.find(({ name }) => name === "dice")!;
    expect(dice.folds[0]).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(dice.folds[1]).toBeCloseTo(2 / 3, 12);
    expect(dice.overFolds.mean).toBeCloseTo((5 / 6 + 2 / 3) / 2, 12);
    expect(dice.overFolds.std).toBeCloseTo(1 / 6 / Math.SQRT2, 12);
    expect(dice.overImages.mean).toBeCloseTo((2 / 3 + 1 + 2 / 3) / 3, 12);
    expect(dice.overImages.count).toBe(3);
  });

  it("leave out what the metrics leave out", () => {
    const skipping = [
      { fold: 1, perImage: [image("a", half, "skip"), image("b", nothing, "skip")] },
      { fold: 2, perImage: [image("c", half, "skip")] },
    ];
    const hd95 = summariseFolds(skipping).metrics.find(({ name }) => name === "hd95")!;
    expect(hd95.folds).toEqual([1, 1]);
    expect(hd95.overImages.count).toBe(2);
  });

  it("hold classes and instances where there are any", () => {
    const labels = {
      width: 4,
      height: 3,
      classes: Uint8Array.from([1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0]),
      instances: Int32Array.from([1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0]),
    };
    const rich = two.map((fold) => ({
      ...fold,
      classes: fold.perImage.map(({ name }) => ({
        name,
        scores: scoreClasses(labels, labels, { classes: 2 }),
      })),
      instances: fold.perImage.map(({ name }) => ({
        name,
        scores: scoreInstances(labels, labels, { classes: 2 }),
      })),
    }));
    const summary = summariseFolds(rich);
    const of = (table: string, name: string) =>
      summary.metrics.find((metric) => metric.table === table && metric.name === name)!;
    expect(of("classes", "dice").overFolds.mean).toBe(1);
    expect(of("instances", "pq").overFolds.mean).toBe(1);
    expect(of("foreground", "dice").overImages.mean).toBeLessThan(1);
    for (const text of [formatFolds(summary), foldsMarkdown(summary)]) {
      for (const word of ["foreground", "mean over the classes that", "instances", "PQ"]) {
        expect(text).toContain(word);
      }
    }
  });

  it("refuse an image that was tested twice, and none at all", () => {
    expectError(
      () => summariseFolds([two[0]!, { fold: 2, perImage: [image("b")] }]),
      ArgumentError,
      "cross-validation: every image must be tested once, got b twice",
    );
    expectError(
      () => summariseFolds([]),
      ArgumentError,
      "cross-validation: every image must be tested once, got no images",
    );
  });
});

describe("folds as text", () => {
  const summary = summariseFolds(two);

  it("stand in columns and in Markdown", () => {
    const [head, images, dice] = formatFolds(summary).split("\n");
    expect(head!.trim().split(/ {2,}/)).toEqual([
      ...["fold 1", "fold 2", "over folds", "over images", "95 % interval"],
    ]);
    expect(images!.split(/ +/)).toEqual(["images", "2", "1", "3"]);
    expect(dice).toMatch(
      /^Dice +0\.8333 +0\.6667 +0\.7500 ± 0\.1179 +0\.7778 ± 0\.1925 +0\.6667 to /,
    );
    expect(foldsMarkdown(summary).split("\n").slice(0, 2)).toEqual([
      "|  | fold 1 | fold 2 | over folds | over images | 95 % interval |",
      "| --- | --: | --: | --: | --: | --: |",
    ]);
  });

  it("are CSV of full precision, folds and images", () => {
    const [head, dice] = foldsCsv(summary).split("\r\n");
    expect(head).toBe(
      "table,metric,unit,fold1,fold2,foldsMean,foldsStd,imagesMean,imagesStd,imagesLow,imagesHigh,images",
    );
    const cells = dice!.split(",");
    expect(cells.slice(0, 3)).toEqual(["foreground", "dice", ""]);
    expect(Number(cells[4])).toBe(summary.metrics[0]!.folds[1]);
    const lines = foldImagesCsv(two).split("\r\n");
    expect(lines.slice(1, 4).map((line) => line.split(",").slice(0, 2).join())).toEqual([
      "1,a",
      "1,b",
      "2,c",
    ]);
    expect(lines[0]!.split(",").length).toBe(lines[1]!.split(",").length);
  });

  it("are a page on which no text becomes markup", () => {
    const html = foldReportHtml({
      ...{ title: "<b>", subtitle: "<i>", summary, folds: two, notes: ["<u>"] },
      scores: summariseRows(joinRows(two)),
      links: [
        { text: "<s>", path: 'x"y' },
        { text: "two", path: "fold-2/test/report.html" },
      ],
      config: { path: "<p class=x>" },
    });
    for (const text of ["<b>", "<i>", "<u>", "<s>", 'x"y', "<p class=x>"]) {
      expect(html).not.toContain(text);
    }
    expect(html).toContain("0.7500");
    expect(html).toContain('href="x&quot;y"');
    // The same distributions as of an evaluation, the folds side by side, and every image with its fold.
    for (const heading of ["Dice", "IoU", "HD95 (px)"])
      expect(html).toContain(`>${heading}, number of images<`);
    expect(html).toContain(">Dice of each fold, a dot an image, a stroke the mean<");
    expect(html).toContain('<a href="fold-2/test/report.html">c</a>');
    expect(html.match(/<td data-value="[12]">[12]<\/td>/g)).toEqual(
      [1, 2, 1].map((fold) => `<td data-value="${fold}">${fold}</td>`),
    );
  });
});

test("near-duplicates are named in lines, the first twenty of many", () => {
  const pair = (kind: "identical" | "similar", symmetry: "none" | "halfTurn"): NearDuplicate => ({
    images: [
      { part: "training", name: "a" },
      { part: "test", name: "b" },
    ],
    ...{ kind, symmetry, correlation: 0.98765 },
  });
  const found = { checked: 5, total: 9, seconds: 1, unreadable: [] };
  expect(nearDuplicateLines({ ...found, pairs: [] })).toEqual([
    "near-duplicates across parts: none (5 of 9 images looked at)",
  ]);
  expect(
    nearDuplicateLines({
      ...{ ...found, checked: 9 },
      pairs: [pair("identical", "none"), pair("similar", "halfTurn")],
    }),
  ).toEqual([
    "near-duplicates across parts: 2 (9 images); sgdc data split --group keeps each pair in one part",
    "  a (training) and b (test): the same file",
    "  a (training) and b (test): correlation 0.9877, turned by 180 degrees",
  ]);
  const many = Array.from({ length: 23 }, () => pair("similar", "none"));
  const lines = nearDuplicateLines({ ...found, pairs: many });
  expect([lines.length, lines.at(-1)]).toEqual([22, "  and 3 more"]);
});
