/** A look at a label file: which values it holds, and whether each is one connected region. */
import sharp from "sharp";
import { DataError } from "../../base/errors.ts";
import { extensionOf } from "../dataset.ts";
import type { LabelRules } from "../labels/labelRules.ts";
import { type LabelMap, readLabelMapFile } from "../labels/labelFiles.node.ts";

/** What was seen in a file. */
export interface LabelLook {
  readonly path: string;
  /** Its values but 0, ascending. */
  readonly values: readonly number[];
  /** How many of them are one 8-connected region. */
  readonly connected: number;
  /** Whether the file has 16 bits a pixel. */
  readonly deep: boolean;
}

/** Formats that lose values: two values are all they can hold. */
const lossy = [".jpg", ".jpeg", ".webp", ".avif"];

/**
 * Looks at a label file; undefined if it is saved with loss, or no readable map of numbers: as a mask
 * it will be read, or refused by name.
 */
export async function lookAtLabels(
  path: string,
  rules?: LabelRules,
): Promise<LabelLook | undefined> {
  if (lossy.includes(extensionOf(path))) return undefined;
  let map: LabelMap;
  try {
    map = await readLabelMapFile(path, { rules });
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
  const regions = regionsByValue(map);
  const values = [...regions.keys()].sort((a, b) => a - b);
  const connected = values.filter((value) => regions.get(value) === 1).length;
  const depth = (
    await sharp(path, { limitInputPixels: false })
      .metadata()
      .catch(() => undefined)
  )?.depth;
  return { path, values, connected, deep: depth === "ushort" };
}

/** Of an array, at most `count` entries, evenly spread from the first to the last. */
export function spread<T>(entries: readonly T[], count: number): T[] {
  if (entries.length <= count) return [...entries];
  if (count === 1) return [entries[0]!];
  return Array.from(
    { length: count },
    (_, i) => entries[Math.round((i * (entries.length - 1)) / (count - 1))]!,
  );
}

/** The number of 8-connected regions of every value but 0. */
function regionsByValue({ width, height, data }: LabelMap): Map<number, number> {
  const counts = new Map<number, number>();
  const seen = new Uint8Array(data.length);
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    const value = data[start]!;
    if (value === 0 || seen[start] === 1) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    seen[start] = 1;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (data[next] !== value || seen[next] === 1) continue;
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
  }
  return counts;
}
