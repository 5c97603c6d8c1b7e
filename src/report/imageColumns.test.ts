import { expect, test } from "vitest";
import { scoreClasses } from "../metrics/scoreClasses.ts";
import { scoreInstances } from "../metrics/scoreInstances.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { foregroundOf, type Labels } from "../tensor/raster.ts";
import { casesToShow, headlineColumns, imageColumns, worstImages } from "./imageColumns.ts";
import { summariseRows, type Scores } from "../score/scores.ts";

/** A row of pixels, a digit the class and the id. */
const row = (ids: string): Labels => ({
  width: ids.length,
  height: 1,
  classes: Uint8Array.from(ids, (id) => Math.min(2, Number(id))),
  instances: Int32Array.from(ids, Number),
});

const truths = ["11220", "11220", "00000", "11220", "11220"].map(row);
const predictions = ["11220", "11111", "00000", "11100", "11200"].map(row);
const names = ["same", "one", "empty", "half", "most"];

const ofEach = <Scores>(score: (prediction: Labels, truth: Labels) => Scores) =>
  names.map((name, i) => ({ name, scores: score(predictions[i]!, truths[i]!) }));

const perImage = ofEach((p, t) => scorePair(foregroundOf(p), foregroundOf(t)));
const ofClasses = ofEach((p, t) => scoreClasses(p, t, { classes: 2 }));
const ofInstances = ofEach((p, t) => scoreInstances(p, t, { classes: 2 }));
const masks: Scores = summariseRows({ perImage });
const classes: Scores = {
  ...summariseRows({ perImage, classes: ofClasses }),
  classNames: ["tumour"],
};
const instances: Scores = {
  ...summariseRows({ perImage, classes: ofClasses, instances: ofInstances }),
  classNames: ["tumour"],
};

const labels = (columns: readonly { label: string }[]) => columns.map(({ label }) => label);

test("the headline is PQ for instances, the mean Dice for classes, else Dice", () => {
  expect(labels(headlineColumns(instances))).toEqual(["PQ", "DQ", "SQ", "AJI+", "Dice"]);
  expect(labels(headlineColumns(classes))[0]).toBe("mean Dice");
  expect(labels(headlineColumns(masks))).toEqual(["Dice", "IoU", "HD95 (px)", "ASSD (px)"]);
});

test("images have a column for every metric, count and class, by name", () => {
  expect(labels(imageColumns(instances)).slice(0, 17)).toEqual([
    ...["PQ", "DQ", "SQ", "AJI", "AJI+", "true", "predicted", "TP", "FP", "FN"],
    ...["PQ tumour", "PQ class 2", "mean Dice", "Dice tumour", "Dice class 2", "Dice", "IoU"],
  ]);
  const { values } = imageColumns(classes).find(({ label }) => label === "Dice class 2")!;
  // None where neither side has the class.
  expect(values).toEqual([1, 0, NaN, 0, 2 / 3]);
});

test("cases come worst first; images without any instance are no case", () => {
  expect(worstImages(instances).map((i) => names[i])).toEqual([
    ...["one", "half", "most", "same"],
    "empty",
  ]);
  expect(casesToShow(instances, 2)).toEqual(["one", "same"]);
  expect(casesToShow(instances, 12)).toEqual(["one", "half", "most", "same"]);
  expect(casesToShow(instances, 0)).toEqual([]);
  expect(casesToShow(masks, 2)).toEqual(["half", "empty"]);
});
