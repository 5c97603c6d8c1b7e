import { parseHTML } from "linkedom";
import sharp from "sharp";
import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { curvesToPng } from "./curvesToPng.node.ts";
import type { EpochRecord } from "../train/progress.ts";
import { plotCurves } from "./plotCurves.ts";
import { sharePanel } from "./plotDistribution.ts";
import { drawPanels } from "./plotSvg.ts";

const epoch = (n: number, validation?: Record<string, number>): EpochRecord => ({
  epoch: n,
  learningRate: 1e-3 / n,
  train: { total: 2 / n, bce: 1 / n, "<edge>": 0.5 / n },
  ...(validation && { validation }),
  seconds: 1,
  imagesPerSecond: 10,
});

/** The texts of an SVG, whole `text` elements each. */
function texts(svg: string): string[] {
  const page: unknown = parseHTML(`<html><body>${svg}</body></html>`);
  const { document } = page as {
    document: { querySelectorAll(name: string): Iterable<{ textContent: string }> };
  };
  return [...document.querySelectorAll("text")].map(({ textContent }) => textContent);
}

const history = [
  epoch(1, { loss: 3, dice: 0.5, hd95: 12 }),
  epoch(2),
  epoch(3, { loss: 1, dice: 0.8, hd95: 7 }),
];

test("each kind of number has its panel, each line its name", () => {
  const found = texts(plotCurves(history));
  for (const heading of [
    "Loss",
    "Terms of the training loss",
    "Validation scores",
    "Validation distances",
    "Learning rate",
  ])
    expect(found).toContain(heading);
  for (const legend of ["trainingvalidation", "bce<edge>", "dice", "hd95"])
    expect(found).toContain(legend);
});

test("a curve has a point for each epoch that has the value", () => {
  const svg = plotCurves(history);
  expect(svg.match(/<circle /g)).toHaveLength(3 + 2 + 3 + 3 + 2 + 2 + 3);
});

test("what was never measured has no panel", () => {
  const found = texts(plotCurves([epoch(1), epoch(2)]));
  expect(found).not.toContain("Validation scores");
  expect(found).not.toContain("Validation distances");
});

test("one epoch, and values that are not finite, still draw", () => {
  for (const svg of [
    plotCurves([epoch(1)]),
    plotCurves([epoch(1, { loss: NaN }), epoch(2, { loss: 1 }), epoch(3, { loss: Infinity })]),
  ])
    expect(svg).not.toMatch(/NaN|Infinity/);
});

test("epochs are marked at whole, round numbers", () => {
  const long = Array.from({ length: 43 }, (_, i) => epoch(i + 1));
  const found = texts(plotCurves(long));
  for (const tick of ["10", "20", "30", "40"]) expect(found).toContain(tick);
});

test("no history is refused", () => {
  expect(() => plotCurves([])).toThrow(
    new ArgumentError("plotCurves: needs at least one epoch, got 0"),
  );
});

test("curves become a PNG picture with dark lines on white", async () => {
  const picture = sharp(await curvesToPng(plotCurves(history)));
  const { format, width, height, hasAlpha } = await picture.metadata();
  expect({ format, width, height, hasAlpha }).toEqual({
    format: "png",
    width: 1880,
    height: 1656,
    hasAlpha: false,
  });
  const { channels } = await picture.stats();
  expect(channels.map(({ max }) => max)).toEqual([255, 255, 255]);
  expect(channels[0]!.min).toBeLessThan(60);
  expect(channels[0]!.mean).toBeGreaterThan(230);
});

test("a distribution counts images in bins", () => {
  const svg = drawPanels([sharePanel("Dice", [0.91, 0.92, 0.13, 1, NaN])]);
  expect(texts(svg)).toContain("Dice, number of images");
  const bars = [...svg.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, h]) => Number(h));
  const visible = bars.filter((height) => height > 1).sort((a, b) => a - b);
  expect(visible).toHaveLength(3);
  expect(visible[2]! / visible[0]!).toBeGreaterThan(1.9);
});
