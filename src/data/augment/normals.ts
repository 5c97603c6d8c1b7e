/** Many standard normal numbers at once. */
import type { Random } from "../../base/random.ts";

/** `count` standard normal numbers; Box-Muller, both numbers of a pair used, so that two cost two uniforms. */
export function normals(random: Random, count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    values[i] = radius * Math.cos(angle);
    // One beyond the end of an odd count is dropped.
    values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
