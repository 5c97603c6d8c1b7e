import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { summarise } from "../metrics/summarise.ts";
import { formatTable, toCsv, toJson } from "./tables.ts";

const empty = drawnMask("....\n....\n....");
const one = drawnMask("....\n.#..\n....");
const two = drawnMask("....\n.##.\n....");
const scores = [scorePair(one, two), scorePair(empty, two), scorePair(two, two)];
const rows = scores.map((pair, i) => ({ name: `image ${i}`, scores: pair }));

test("a summary is a table with its counts below", () => {
  const lines = formatTable(summarise(scores)).split("\n");
  expect(lines[0]).toBe(
    "                        mean     std  median     min     max          interval  images",
  );
  expect(lines[1]).toBe(
    "Dice                  0.5556  0.5092  0.6667  0.0000  1.0000  0.0000 to 1.0000       3",
  );
  expect(lines[3]).toBe(
    "HD95 (px)               1.98    2.66    0.95    0.00    5.00      0.00 to 5.00       3",
  );
  expect(lines.slice(-5)).toEqual([
    "over all pixels at once: Dice 0.6667, IoU 0.5000, mIoU with background 0.7045",
    "3 images: 0 with an empty truth, 1 with an empty prediction, 0 excluded from distances",
    "where just one mask is empty, the distances are the image's diagonal",
    "NSD within 1 px",
    "interval: 95 % of the mean, by bootstrap over images (2000 resamples, seed 0)",
  ]);
});

test("numbers that do not exist are n/a, infinite ones a sign", () => {
  expect(formatTable(summarise([]))).toContain("Dice                   n/a");
  const far = summarise([scorePair(empty, two, { empty: "infinity" })]);
  expect(formatTable(far)).toMatch(/HD95 \(px\)\s+∞/);
});

test("CSV keeps full precision, quotes names and leaves NaN empty", () => {
  const odd = { name: 'a,"b"', scores: scorePair(empty, two, { empty: "skip" }) };
  const lines = toCsv([rows[0]!, odd]).split("\r\n");
  expect(lines[0]).toBe(
    "name,width,height,unit,dice,iou,hd95,hd95Pooled,hausdorff,assd,masd,sensitivity,specificity," +
      "precision,nsd,boundaryIou,boundaryF,thresholdedJaccard,miouMacro,predictionEmpty,truthEmpty,distancesExcluded",
  );
  expect(lines[1]).toMatch(/^image 0,4,3,px,0\.6666666666666666,0\.5,/);
  expect(lines[2]).toBe('"a,""b""",4,3,px,0,0,,,,,,0,1,0,0,0,0,0,0.4166666666666667,1,0,1');
  expect(lines[3]).toBe("");
});

test("a name that a spreadsheet would run is made text", () => {
  expect(toCsv([{ ...rows[0]!, name: "=1+1" }])).toContain("\r\n'=1+1,");
});

test("control characters in a name are written out, and what begins with one is no formula", () => {
  expect(toCsv([{ ...rows[0]!, name: "a\u001b[31m\u009b" }])).toContain("\r\na\\u001b[31m\\u009b,");
  expect(toCsv([{ ...rows[0]!, name: "\r=1+1" }])).toContain("\r\n\\u000d=1+1,");
  expect(toCsv([{ ...rows[0]!, name: "a\nb" }])).toContain('\r\n"a\nb",');
});

test("JSON says null for NaN and spells infinity out", () => {
  expect(JSON.parse(toJson({ a: NaN, b: [Infinity, -Infinity, 1.5], c: "NaN" }))).toEqual({
    a: null,
    b: ["Infinity", "-Infinity", 1.5],
    c: "NaN",
  });
});
