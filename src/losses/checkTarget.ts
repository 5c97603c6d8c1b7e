/** What every loss demands of its target: the shape of the prediction, so that nothing is broadcast by mistake. */
import { ShapeError } from "../base/errors.ts";
import type { Value } from "../graph/value.ts";
import { sameShape, showShape } from "../tensor/shape.ts";

/** @throws {ShapeError} if the shapes differ. */
export function checkTarget(loss: string, prediction: Value, target: Value): void {
  if (sameShape(prediction.shape, target.shape)) return;
  throw new ShapeError(
    `${loss}: target must have the shape of the prediction, ${showShape(prediction.shape)}, got ${showShape(target.shape)}`,
  );
}
