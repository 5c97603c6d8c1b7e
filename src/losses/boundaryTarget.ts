/** The boundary of a mask, as the edge head's target. */
import type { Value } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { maxPool2d } from "../ops/maxPool2d.ts";
import { neg } from "../ops/neg.ts";
import { rowMax } from "../ops/rowMax.ts";
import { reshape } from "../ops/reshape.ts";
import { transpose } from "../ops/transpose.ts";

/**
 * Morphological gradient: dilation minus erosion with a 3 x 3 square, so that a straight boundary is 2 pixels wide inside
 * and out together.
 *
 * Pixels outside the image do not take part: background for the dilation, foreground for the erosion, so that the frame is
 * not a boundary. With several classes, the union of their boundaries.
 *
 * @param mask  [N, K, H, W], 0 or 1
 * @returns     [N, 1, H, W], 0 or 1
 * @see SGDC paper, equation 5 ("morphological gradient")
 */
export function boundaryTarget(mask: Value): Value {
  const window = { kernel: 3, stride: 1, padding: 1 };
  const dilated = maxPool2d(mask, window);
  const eroded = neg(maxPool2d(neg(mask), window));
  const edges = add(dilated, neg(eroded));
  const [n = 1, k = 1, height = 1, width = 1] = mask.shape;
  return k === 1 ? edges : reshape(rowMax(transpose(edges, [0, 2, 3, 1])), [n, 1, height, width]);
}
