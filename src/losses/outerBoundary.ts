/** The ring around a mask, as CTO's edge target. */
import { constant, type Value } from "../graph/value.ts";
import { conv2d } from "../ops/conv2d.ts";
import { relu } from "../ops/relu.ts";
import { rowMax } from "../ops/rowMax.ts";
import { reshape } from "../ops/reshape.ts";
import { scalar } from "../ops/scalar.ts";
import { slice } from "../ops/slice.ts";
import { sub } from "../ops/sub.ts";
import { transpose } from "../ops/transpose.ts";
import { tensor } from "../tensor/tensor.ts";

/** A disk of radius 2: 13 pixels. */
const DISK = [
  ...[0, 0, 1, 0, 0],
  ...[0, 1, 1, 1, 0],
  ...[1, 1, 1, 1, 1],
  ...[0, 1, 1, 1, 0],
  ...[0, 0, 1, 0, 0],
];

/**
 * Dilation by a disk of radius 2 minus the mask: a ring of two pixels outside. With several classes, the union of the rings of those
 * but the background.
 *
 * @param mask  [N, C, H, W], 0 or 1; one-hot with the background first if C > 1
 * @returns     [N, 1, H, W], 0 or 1
 * @see code xiaofang007/CTO, get_gt_bnd
 */
export function outerBoundary(mask: Value): Value {
  const foreground = mask.shape[1] === 1 ? mask : slice(mask, 1, 1, mask.shape[1]!);
  const [n = 1, c = 1, height = 1, width = 1] = foreground.shape;
  const disks = Array.from({ length: c }, () => DISK).flat();
  const kernel = constant(tensor([c, 1, 5, 5], disks));
  const count = conv2d(foreground, kernel, null, { padding: 2, groups: c });
  // min(count, 1) = 1 - max(1 - count, 0)
  const dilated = sub(scalar(1), relu(sub(scalar(1), count)));
  const rings = sub(dilated, foreground);
  return c === 1 ? rings : reshape(rowMax(transpose(rings, [0, 2, 3, 1])), [n, 1, height, width]);
}
