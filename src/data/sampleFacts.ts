/** What one image and its labels hold, in numbers, and what about them looks wrong. */
import type { Labelled, Labels, RgbImage } from "../tensor/raster.ts";

/** What may be wrong with an image or its labels; each is legal, and mostly a mistake. */
export const suspicions = {
  empty: "labels without any foreground",
  full: "labels that cover the whole image",
  frame: "labels along nearly the whole frame: inverted?",
  constant: "images of nearly one colour",
  narrow:
    "images of 16 bits that use less than a quarter of them: nearly black, unless trained with --normalise image or dataset",
  mixed: "instances of several classes",
  unlabelled: "instances without a class, or classes without an instance",
} as const;
export type Suspicion = keyof typeof suspicions;

/** Share of the frame's pixels that labels must cover to look inverted. */
const mostOfFrame = 0.9;
/** Standard deviation of brightness, of 255, below which a picture shows nothing. */
const leastContrast = 2;

export interface SampleFacts {
  /** Share of pixels of any class, 0..1. */
  readonly foreground: number;
  /** Pixels of the classes 1 to K. */
  readonly classPixels: readonly number[];
  /** Instances of the classes 1 to K, each counted for the class that most of its pixels have; absent without instances. */
  readonly classInstances?: readonly number[];
  /** Median over the instances of the diameter of a disc of the same area, pixels; absent without any. */
  readonly diameter?: number;
  readonly suspicions: readonly Suspicion[];
}

/**
 * @param classes  K; classes above it are left out of the counts
 */
export function sampleFacts({ image, labels }: Labelled, classes: number): SampleFacts {
  const classPixels = new Array<number>(classes).fill(0);
  let foreground = 0;
  for (const value of labels.classes) {
    if (value === 0) continue;
    foreground++;
    if (value <= classes) classPixels[value - 1]!++;
  }
  const area = labels.classes.length;
  const found: Suspicion[] = [];
  if (foreground === 0) found.push("empty");
  else if (foreground === area) found.push("full");
  else if (frameShare(labels) >= mostOfFrame) found.push("frame");
  if (brightnessDeviation(image) < leastContrast) found.push("constant");

  const { instances } = labels;
  if (instances === undefined) {
    return { foreground: foreground / area, classPixels, suspicions: found };
  }
  const byInstance = pixelsByInstance(labels.classes, instances, classes);
  const classInstances = new Array<number>(classes).fill(0);
  const areas: number[] = [];
  let mixed = false;
  for (const counts of byInstance.values()) {
    areas.push(counts.reduce((sum, count) => sum + count, 0));
    let best = 0;
    for (let k = 1; k < classes; k++) if (counts[k]! > counts[best]!) best = k;
    if (counts[best]! > 0) classInstances[best]!++;
    mixed ||= counts.filter((count) => count > 0).length > 1;
  }
  if (mixed) found.push("mixed");
  if (instances.some((id, i) => (id === 0) !== (labels.classes[i] === 0))) found.push("unlabelled");
  const middle = areas.sort((a, b) => a - b)[areas.length >> 1];
  return {
    foreground: foreground / area,
    classPixels,
    classInstances,
    ...(middle !== undefined && { diameter: 2 * Math.sqrt(middle / Math.PI) }),
    suspicions: found,
  };
}

/** Pixels of each class, by instance. */
function pixelsByInstance(
  classOf: Uint8Array,
  instances: Int32Array,
  classes: number,
): Map<number, number[]> {
  const found = new Map<number, number[]>();
  let id = 0;
  let counts: number[] = [];
  for (let i = 0; i < instances.length; i++) {
    if (instances[i] === 0) continue;
    if (instances[i] !== id) {
      id = instances[i]!;
      counts = found.get(id) ?? new Array<number>(classes).fill(0);
      found.set(id, counts);
    }
    const value = classOf[i]!;
    if (value > 0 && value <= classes) counts[value - 1]!++;
  }
  return found;
}

/** Share of the outermost pixels that are foreground. */
function frameShare({ width, height, classes }: Labels): number {
  let inside = 0;
  let all = 0;
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step) {
      all++;
      if (classes[y * width + x] !== 0) inside++;
    }
  }
  return inside / all;
}

/** Standard deviation of (r + g + b) / 3. */
function brightnessDeviation({ data }: RgbImage): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i += 3) {
    const value = (data[i]! + data[i + 1]! + data[i + 2]!) / 3;
    sum += value;
    squares += value * value;
  }
  const count = data.length / 3;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}
