/** Scores of a mask against its truth. */
import { scorePair } from "../../src/web.ts";
import type { ClassMap, Scores } from "../shared/picture.ts";

const foreground = ({ width, height, data }: ClassMap) => ({
  width,
  height,
  data: data.map((value) => (value > 0 ? 1 : 0)),
});

/** @throws {ShapeError} if the sizes differ. */
export function scoreMasks(prediction: ClassMap, truth: ClassMap): Scores {
  const { dice, iou, hd95, assd } = scorePair(foreground(prediction), foreground(truth));
  return { dice, iou, hd95, assd };
}
