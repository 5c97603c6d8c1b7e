/** Shapes that every elementwise operator is tried on. */
import type { Shape } from "../../src/tensor/shape.ts";

/** Scalar, size 1, odd sizes, four axes. */
export const singles: readonly (readonly [Shape])[] = [
  [[]],
  [[1]],
  [[7]],
  [[3, 1]],
  [[2, 3, 7, 5]],
];

/** Equal shapes and every kind of broadcast, to either side. */
export const pairs: readonly (readonly [Shape, Shape])[] = [
  [[5], [5]],
  [
    [2, 3, 4],
    [2, 3, 4],
  ],
  [[2, 3, 4], [4]],
  [[1], [3, 5]],
  [
    [3, 1],
    [1, 5],
  ],
  [[], [2, 3]],
  [[2, 3], []],
  [
    [2, 1, 5],
    [3, 1],
  ],
  [
    [2, 3, 5, 7],
    [1, 3, 1, 1],
  ],
];
