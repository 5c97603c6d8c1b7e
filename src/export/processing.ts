/** What stands before and behind a network in an exported model: from an image of any size to maps of that size. */
import type { ValueRange } from "../data/images/valueRange.ts";
import { imageNetMean, imageNetStd } from "../data/loader/networkInput.ts";
import type { NodeWriter } from "./nodes.ts";
import { resizeWeights, scaled, transposed } from "./resizeNodes.ts";

/** How an image lies in memory: `nhwc` with red, green and blue of a pixel together, `nchw` plane by plane. */
export const layouts = ["nhwc", "nchw"] as const;
export type Layout = (typeof layouts)[number];

/** Height and width of the image, as names of int64 values without axes. */
export interface ImageSides {
  readonly height: string;
  readonly width: string;
}

/** Height and width of the input `image`. */
export function sidesOf(w: NodeWriter, image: string, layout: Layout): ImageSides {
  const shape = w.op("Shape", [image]);
  const at = (axis: number): string => w.op("Gather", [shape, w.int(axis)], { axis: { int: 0 } });
  return layout === "nhwc" ? { height: at(1), width: at(2) } : { height: at(2), width: at(3) };
}

export interface ImageNodesOptions {
  readonly layout: Layout;
  /** Height and width that the network sees. */
  readonly size: number;
  /** Whether the image is resized to it; else it has that size. */
  readonly resize: boolean;
  readonly values: ValueRange;
}

/**
 * From `image`, 8 or 16 bits, to what the network takes, [1, 3, size, size], under the name `output`; each step as `predict` does it.
 */
export function imageNodes(
  w: NodeWriter,
  image: string,
  sides: ImageSides,
  { layout, size, resize, values }: ImageNodesOptions,
  output: string,
): void {
  // [3, H, W]
  const planes = (picture: string): string => {
    const one = w.op("Squeeze", [picture, w.ints([0])]);
    return layout === "nchw" ? one : w.op("Transpose", [one], { perm: { ints: [2, 0, 1] } });
  };
  const eightBits = valueNodes(w, planes(image), values);
  const seen = resize ? shrink(w, eightBits, sides, size) : w.cast(eightBits, "float64");
  const perChannel = (numbers: readonly number[]): string => w.doubles([3, 1, 1], numbers);
  const share = w.op("Div", [seen, w.doubles([], [255])]);
  const centred = w.op("Sub", [share, perChannel(imageNetMean)]);
  const normal = w.cast(w.op("Div", [centred, perChannel(imageNetStd)]), "float32");
  w.op("Unsqueeze", [normal, w.ints([0])], {}, output);
}

/** [3, H, W] to [3, size, size] of whole numbers 0..255, float64. Sums of the first direction are exact in float32: below 2^24. */
function shrink(
  w: NodeWriter,
  planes: string,
  { height, width }: ImageSides,
  size: number,
): string {
  const down = w.cast(resizeWeights(w, height, w.int(size)), "float32");
  const across = w.cast(transposed(w, resizeWeights(w, width, w.int(size))), "float64");
  const rows = w.op("MatMul", [down, w.cast(planes, "float32")]);
  const sums = w.op("MatMul", [w.cast(rows, "float64"), across]);
  const means = w.op("Mul", [sums, w.doubles([], [1 / scaled])]);
  return w.op("Floor", [w.op("Add", [means, w.doubles([], [0.5])])]);
}

/** Stored values [3, H, W] to 0..255, as `toEightBits`; any element type. */
function valueNodes(w: NodeWriter, planes: string, values: ValueRange): string {
  if (values.mode === "fixed") return planes;
  const perChannel = (numbers: readonly number[]): string => w.doubles([3, 1, 1], numbers);
  const stored = w.cast(planes, "float64");
  if (values.mode === "dataset") {
    const spans = values.high.map((high, c) => high - values.low[c]!);
    return scaleNodes(w, stored, perChannel(values.low), perChannel(spans));
  }
  const { low, high } = percentileNodes(w, planes);
  return scaleNodes(w, stored, low, w.op("Sub", [high, low]));
}

/** floor(255 clamp((v - low) / span) + 1/2), or 0 where the span is none. */
function scaleNodes(w: NodeWriter, stored: string, low: string, span: string): string {
  const zero = w.doubles([], [0]);
  const wide = w.op("Greater", [span, w.doubles([], [1e-3])]);
  const share = w.op("Div", [
    w.op("Sub", [stored, low]),
    w.op("Where", [wide, span, w.doubles([], [1])]),
  ]);
  const clamped = w.op("Min", [w.op("Max", [share, zero]), w.doubles([], [1])]);
  const whole = w.op("Floor", [
    w.op("Add", [w.op("Mul", [clamped, w.doubles([], [255])]), w.doubles([], [0.5])]),
  ]);
  return w.op("Where", [wide, whole, zero]);
}

/** 1st and 99th percentile of each channel of 8-bit planes [3, H, W], as `measuredRange`: [3, 1, 1], float64. */
function percentileNodes(w: NodeWriter, planes: string): { low: string; high: string } {
  const index = w.cast(w.op("Reshape", [planes, w.ints([3, -1])]), "int64");
  const shape = w.op("Shape", [index]);
  const pixels = w.op("Gather", [shape, w.int(1)], { axis: { int: 0 } });
  const once = w.op("Expand", [w.int(1), shape]);
  const none = w.op("Expand", [w.int(0), w.ints([3, 256])]);
  const counts = w.op("ScatterElements", [none, index, once], {
    axis: { int: 1 },
    reduction: { string: "add" },
  });
  const sums = w.cast(w.op("CumSum", [counts, w.int(1)]), "float64");
  const last = w.op("Sub", [w.cast(pixels, "float64"), w.doubles([], [1])]);
  const at = (share: number): string => {
    const rank = w.op("Mul", [w.doubles([], [share]), last]);
    // The value of a rank: how many values' running counts do not exceed it.
    const valueAt = (whole: string): string => {
      const below = w.cast(w.op("LessOrEqual", [sums, whole]), "int64");
      return w.cast(w.op("ReduceSum", [below, w.ints([1])], { keepdims: { int: 1 } }), "float64");
    };
    const floor = w.op("Floor", [rank]);
    const [below, above] = [valueAt(floor), valueAt(w.op("Ceil", [rank]))];
    const part = w.op("Mul", [w.op("Sub", [above, below]), w.op("Sub", [rank, floor])]);
    return w.op("Reshape", [w.op("Add", [below, part]), w.ints([3, 1, 1])]);
  };
  return { low: at(0.01), high: at(0.99) };
}

/** A map [1, C, h, w] at the size of the image, [1, C, H, W] float32, under the name `output`. */
export function mapNodes(
  w: NodeWriter,
  map: string,
  { height, width }: ImageSides,
  size: readonly [height: number, width: number],
  output: string,
): void {
  const across = w.cast(transposed(w, resizeWeights(w, w.int(size[1]), width)), "float64");
  const down = w.cast(resizeWeights(w, w.int(size[0]), height), "float64");
  const wide = w.op("MatMul", [w.cast(map, "float64"), across]);
  const sums = w.op("MatMul", [down, wide]);
  w.cast(w.op("Mul", [sums, w.doubles([], [1 / scaled])]), "float32", output);
}

/**
 * The class of each pixel, [1, H, W] uint8, of probabilities [1, C, H, W]: with one channel 1 from the threshold on, else the first of
 * the largest.
 */
export function maskNodes(
  w: NodeWriter,
  probability: string,
  channels: number,
  threshold: number,
  output: string,
): void {
  if (channels > 1) {
    w.cast(
      w.op("ArgMax", [probability], { axis: { int: 1 }, keepdims: { int: 0 } }),
      "uint8",
      output,
    );
    return;
  }
  const flat = w.op("Squeeze", [probability, w.ints([1])]);
  // Compared as float64: the threshold need not be a float32.
  const exact = w.cast(flat, "float64");
  w.cast(w.op("GreaterOrEqual", [exact, w.doubles([], [threshold])]), "uint8", output);
}
