import { expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import type { Labelled, Labels } from "../tensor/raster.ts";
import { sampleFacts } from "./sampleFacts.ts";

/** A picture of two colours with these labels. */
function sample(labels: Labels, bright = 200): Labelled {
  const { width, height, classes } = labels;
  const data = new Uint8Array(classes.length * 3);
  classes.forEach((value, i) => data.fill(value > 0 ? 50 : bright, 3 * i, 3 * i + 3));
  // One pixel more, so that pictures of one label are not of one colour.
  data.fill(120, 0, 3);
  return { image: { width, height, data }, labels };
}

const labelsOf = (rows: string, instances?: readonly number[]): Labels => {
  const { width, height, data } = drawnMask(rows);
  return {
    width,
    height,
    classes: data,
    ...(instances && { instances: Int32Array.from(instances) }),
  };
};

test("foreground is counted as a share, and by class", () => {
  const labels = labelsOf(`
    ....
    .##.
  `);
  labels.classes[6] = 3;
  expect(sampleFacts(sample(labels), 3)).toEqual({
    foreground: 0.25,
    classPixels: [1, 0, 1],
    suspicions: [],
  });
});

test("instances count for the class of most of their pixels", () => {
  const labels: Labels = {
    width: 6,
    height: 1,
    classes: Uint8Array.of(0, 1, 2, 2, 1, 1),
    instances: Int32Array.of(0, 9, 9, 9, 4, 4),
  };
  expect(sampleFacts(sample(labels), 2)).toEqual({
    foreground: 5 / 6,
    classPixels: [3, 2],
    classInstances: [1, 1],
    // Areas 3 and 2: of an even number the larger of the middle two.
    diameter: 2 * Math.sqrt(3 / Math.PI),
    suspicions: ["mixed"],
  });
});

test("instances without class, and class without instance, are told", () => {
  const odd = { width: 4, height: 1, classes: Uint8Array.of(0, 1, 0, 0) };
  const without = { ...odd, instances: Int32Array.of(0, 0, 0, 0) };
  expect(sampleFacts(sample(without), 1).suspicions).toEqual(["unlabelled"]);
  expect(sampleFacts(sample(without), 1).diameter).toBeUndefined();
  const unclassed = { ...odd, instances: Int32Array.of(0, 1, 2, 0) };
  expect(sampleFacts(sample(unclassed), 1)).toMatchObject({
    classInstances: [1],
    suspicions: ["unlabelled"],
  });
});

test("empty and full labels, labels along the frame, and pictures of one colour are told", () => {
  const empty = labelsOf(`
    ...
    ...
  `);
  expect(sampleFacts(sample(empty), 1).suspicions).toEqual(["empty"]);
  const full = labelsOf(`
    ###
    ###
  `);
  expect(sampleFacts(sample(full), 1).suspicions).toEqual(["full"]);
  const inverted = labelsOf(`
    ####
    #..#
    ####
  `);
  expect(sampleFacts(sample(inverted), 1).suspicions).toEqual(["frame"]);
  const threeSides = labelsOf(`
    ####
    #...
    ####
  `);
  // 9 of 10 pixels of the frame.
  expect(sampleFacts(sample(threeSides), 1).suspicions).toEqual(["frame"]);
  const column = labelsOf(`
    .#
    .#
  `);
  expect(sampleFacts(sample(column), 1).suspicions).toEqual([]);
  const plain = {
    image: { width: 3, height: 2, data: new Uint8Array(18).fill(90) },
    labels: empty,
  };
  expect(sampleFacts(plain, 1).suspicions).toEqual(["empty", "constant"]);
});

test("a picture one pixel wide has a frame too", () => {
  const line: Labels = { width: 1, height: 3, classes: Uint8Array.of(1, 0, 1) };
  expect(sampleFacts(sample(line), 1).suspicions).toEqual([]);
});
