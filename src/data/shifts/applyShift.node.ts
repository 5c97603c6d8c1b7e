/** A shift of any kind, done to a sample. */
import type { Random } from "../../base/random.ts";
import type { Labelled } from "../../tensor/raster.ts";
import { jpeg } from "./jpeg.node.ts";
import { shiftTable, type Shift, type ShiftName } from "./shifts.ts";

/**
 * The sample as it would look from elsewhere.
 *
 * @param strength  0..1; 0 changes nothing
 * @param random    of noise
 */
export async function applyShift(
  sample: Labelled,
  name: ShiftName,
  strength: number,
  random: Random,
): Promise<Labelled> {
  if (strength === 0) return sample;
  const { amount, apply }: Shift = shiftTable[name];
  if (apply) return apply(sample, amount(strength), random);
  return { image: await jpeg(sample.image, amount(strength)), labels: sample.labels };
}
