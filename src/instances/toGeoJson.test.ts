import fc from "fast-check";
import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { drawnIds, idMaps, type DrawnIds } from "../../test/helpers/idMaps.ts";
import { decodeSegmentation } from "../data/labels/cocoSegmentation.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Labels } from "../tensor/raster.ts";
import { measureInstances } from "./measureInstances.ts";
import { toCoco } from "./toCoco.ts";
import { toGeoJson } from "./toGeoJson.ts";

const labelsOf = (
  { width, height, data }: DrawnIds,
  kindOf: (id: number) => number = (id) => (id > 0 ? 1 : 0),
): Labels => ({ width, height, instances: data, classes: Uint8Array.from(data, kindOf) });

const drawn = drawnIds(`
  .33.
  3.3.
  33.9`);
const labels = labelsOf(drawn, (id) => (id === 9 ? 2 : id > 0 ? 1 : 0));
const probability = {
  width: 4,
  height: 3,
  data: Float32Array.from(drawn.data, (id) => (id === 9 ? 0.6 : id > 0 ? 0.875 : 0.1)),
};

test("instances with class, area, box and mean probability, in the order of their ids", () => {
  const map = { ...probability, data: probability.data.slice() };
  map.data[1] = 0.375;
  expect(measureInstances(labels, map)).toEqual([
    { id: 3, class: 1, area: 6, box: [0, 0, 3, 3], probability: (5 * 0.875 + 0.375) / 6 },
    { id: 9, class: 2, area: 1, box: [3, 2, 1, 1], probability: Math.fround(0.6) },
  ]);
  expect(measureInstances(labels)[0]!.probability).toBeNaN();
  expect(measureInstances(labelsOf(drawnIds("... ...")))).toEqual([]);
});

test("a feature an instance, with what QuPath looks for", () => {
  expect(toGeoJson(labels, { classNames: ["nucleus", "debris"], probability })).toEqual({
    type: "FeatureCollection",
    features: [
      {
        type: "Feature",
        id: 3,
        geometry: {
          type: "MultiPolygon",
          coordinates: [
            [
              [
                [1, 0],
                [3, 0],
                [3, 2],
                [2, 2],
                [2, 1],
                [1, 1],
                [1, 0],
              ],
            ],
            [
              [
                [0, 1],
                [1, 1],
                [1, 2],
                [2, 2],
                [2, 3],
                [0, 3],
                [0, 1],
              ],
            ],
          ],
        },
        properties: {
          objectType: "detection",
          classification: { name: "nucleus" },
          id: 3,
          class: 1,
          area: 6,
          probability: 0.875,
          measurements: { "Area px^2": 6, Probability: 0.875 },
        },
      },
      {
        type: "Feature",
        id: 9,
        geometry: {
          type: "Polygon",
          coordinates: [
            [
              [3, 2],
              [4, 2],
              [4, 3],
              [3, 3],
              [3, 2],
            ],
          ],
        },
        properties: {
          objectType: "detection",
          classification: { name: "debris" },
          id: 9,
          class: 2,
          area: 1,
          probability: 0.6,
          measurements: { "Area px^2": 1, Probability: 0.6 },
        },
      },
    ],
  });
});

test("without names and probabilities the features do without", () => {
  const [first] = toGeoJson(labels, { objectType: "annotation" }).features;
  expect(first!.properties).toEqual({
    objectType: "annotation",
    classification: { name: "class 1" },
    id: 3,
    class: 1,
    area: 6,
    measurements: { "Area px^2": 6 },
  });
});

test("COCO annotations hold every pixel", () => {
  fc.assert(
    fc.property(idMaps(), (map) => {
      const { annotations } = toCoco([{ fileName: "a.png", labels: labelsOf(map) }], ["nucleus"]);
      const ids = [...new Set(map.data)].filter((id) => id > 0).sort((a, b) => a - b);
      expect(annotations).toHaveLength(ids.length);
      const back = new Int32Array(map.data.length);
      for (const [k, { segmentation, area }] of annotations.entries()) {
        const mask = decodeSegmentation(segmentation, map.width, map.height, "a.png");
        expect(mask.reduce((sum, value) => sum + value, 0)).toBe(area);
        mask.forEach((value, i) => {
          if (value === 1) back[i] = ids[k]!;
        });
      }
      expect(back).toEqual(map.data);
    }),
    { seed: 14, numRuns: 200 },
  );
});

test("a COCO document of several images", () => {
  const one = labelsOf(drawnIds("7"));
  const document = toCoco(
    [
      { fileName: "a.png", labels, probability },
      { fileName: "b.png", labels: one },
    ],
    ["nucleus", "debris"],
  );
  expect(document.images).toEqual([
    { id: 1, file_name: "a.png", width: 4, height: 3 },
    { id: 2, file_name: "b.png", width: 1, height: 1 },
  ]);
  expect(document.categories).toEqual([
    { id: 1, name: "nucleus" },
    { id: 2, name: "debris" },
  ]);
  expect(document.annotations.map((one) => ({ ...one, segmentation: 0 }))).toEqual([
    {
      id: 1,
      image_id: 1,
      category_id: 1,
      iscrowd: 0,
      segmentation: 0,
      area: 6,
      bbox: [0, 0, 3, 3],
      score: 0.875,
    },
    {
      id: 2,
      image_id: 1,
      category_id: 2,
      iscrowd: 0,
      segmentation: 0,
      area: 1,
      bbox: [3, 2, 1, 1],
      score: 0.6,
    },
    {
      id: 3,
      image_id: 2,
      category_id: 1,
      iscrowd: 0,
      segmentation: 0,
      area: 1,
      bbox: [0, 0, 1, 1],
    },
  ]);
});

test("labels of classes alone, and maps of another size, are refused", () => {
  const { width, height, classes } = labels;
  expectError(
    () => toGeoJson({ width, height, classes }),
    ArgumentError,
    "instances: labels must tell instances apart, got classes only; separate the instances first",
  );
  expectError(
    () => toGeoJson(labels, { probability: { width: 3, height: 4, data: new Float32Array(12) } }),
    ShapeError,
    "instances: probability must be 4 x 3 (width x height), got 3 x 4",
  );
  expectError(
    () => measureInstances({ ...labels, classes: new Uint8Array(3) }),
    ShapeError,
    "instances: classes must number 12 as the ids do, got 3",
  );
});
