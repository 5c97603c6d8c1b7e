import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { scoreClasses } from "../metrics/scoreClasses.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { toClassCsv, toCsv } from "./scoreCsv.ts";

const empty = drawnMask("....\n....\n....");
const one = drawnMask("....\n.#..\n....");
const two = drawnMask("....\n.##.\n....");
const row = { name: "image 0", scores: scorePair(one, two) };

test("CSV keeps full precision, quotes names and leaves NaN empty", () => {
  const odd = { name: 'a,"b"', scores: scorePair(empty, two, { empty: "skip" }) };
  const lines = toCsv([row, odd]).split("\r\n");
  expect(lines[0]).toBe(
    "name,width,height,unit,dice,iou,hd95,hd95Pooled,hausdorff,assd,masd,sensitivity,specificity," +
      "precision,nsd,boundaryIou,boundaryF,thresholdedJaccard,miouMacro,predictionEmpty,truthEmpty,distancesExcluded",
  );
  expect(lines[1]).toMatch(/^image 0,4,3,px,0\.6666666666666666,0\.5,/);
  expect(lines[2]).toBe('"a,""b""",4,3,px,0,0,,,,,,0,1,0,0,0,0,0,0.4166666666666667,1,0,1');
  expect(lines[3]).toBe("");
});

test("a name that a spreadsheet would run is made text", () => {
  expect(toCsv([{ ...row, name: "=1+1" }])).toContain("\r\n'=1+1,");
});

test("control characters in a name are written out, and what begins with one is no formula", () => {
  expect(toCsv([{ ...row, name: "a\u001b[31m\u009b" }])).toContain("\r\na\\u001b[31m\\u009b,");
  expect(toCsv([{ ...row, name: "\r=1+1" }])).toContain("\r\n\\u000d=1+1,");
  expect(toCsv([{ ...row, name: "a\nb" }])).toContain('\r\n"a\nb",');
});

test("CSV of classes says on which side an image has nothing of a class", () => {
  const labels = (classes: number[]) => ({
    width: 2,
    height: 1,
    classes: Uint8Array.from(classes),
  });
  const scores = scoreClasses(labels([1, 1]), labels([1, 2]), { classes: 3 });
  const [head, cells] = toClassCsv([{ name: "a", scores }])
    .split("\r\n")
    .map((line) => line.split(","));
  expect(head!.slice(-6)).toEqual([
    ...["truthEmpty:1", "predictionEmpty:1", "truthEmpty:2", "predictionEmpty:2"],
    ...["truthEmpty:3", "predictionEmpty:3"],
  ]);
  expect(cells!.slice(-6)).toEqual(["0", "0", "0", "1", "1", "1"]);
  expect(cells!.length).toBe(head!.length);
});

test("control characters in a name are written out, and what begins with one is no formula", () => {
  expect(toCsv([{ ...row, name: "a\u001b[31m\u009b" }])).toContain("\r\na\\u001b[31m\\u009b,");
  expect(toCsv([{ ...row, name: "\r=1+1" }])).toContain("\r\n\\u000d=1+1,");
  expect(toCsv([{ ...row, name: "a\nb" }])).toContain('\r\n"a\nb",');
});
