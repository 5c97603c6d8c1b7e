/** Maps of key points for a batch of masks: what the loss of Lee et al. 2020 is given besides. */
import { boundaryKeyPoints, keyPointMap } from "../instances/boundaryKeyPoints.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";

/**
 * Polygons that are tried for a mask. The paper tries 40,000 for an image, once; here every mask is another one, because images are
 * turned and mirrored anew in every epoch.
 */
const DRAWS = 400;

/** Radius of a point, as a share of the lesser side: 8 pixels of 192. The paper does not say. */
const RADIUS = 8 / 192;

/**
 * @param masks  [N, 1, H, W], 0 or 1
 * @returns      [N, 1, H, W]: 1 near one of the six key points of the boundary, 0 elsewhere and for an empty mask
 */
export function keyPointTargets({ shape, data }: Tensor, seed: number): Tensor {
  const [count = 1, , height = 1, width = 1] = shape;
  const area = height * width;
  const maps = new Float32Array(count * area);
  for (let i = 0; i < count; i++) {
    const mask = Int32Array.from(data.subarray(i * area, (i + 1) * area), Number);
    const points = boundaryKeyPoints({ data: mask, width, height }, { draws: DRAWS, seed });
    maps.set(keyPointMap(points, width, height, RADIUS * Math.min(height, width)), i * area);
  }
  return tensor([count, 1, height, width], maps);
}
