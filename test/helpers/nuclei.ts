/** Pictures of dark discs on a light ground, in CoNIC's form: nuclei of several classes that may touch. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../../src/base/random.ts";
import { npyFile } from "./npyFile.ts";

export interface NucleiOptions {
  readonly count: number;
  /** Pixels along each side. */
  readonly size: number;
  /** Classes differ in colour. Default 6, as in CoNIC. */
  readonly classes?: number;
  readonly seed?: number;
}

const colours = [
  [90, 40, 140],
  [40, 90, 160],
  [150, 60, 60],
  [30, 120, 90],
  [120, 110, 20],
  [70, 70, 70],
] as const;

/** Writes images.npy, labels.npy and patch_info.csv; two patches a source image. */
export async function writeNuclei(
  folder: string,
  { count, size, classes = 6, seed = 0 }: NucleiOptions,
): Promise<void> {
  const area = size * size;
  const images = new Uint8Array(count * area * 3);
  const labels = new Int32Array(count * area * 2);
  for (let n = 0; n < count; n++) {
    const random = Random.of(seed, "nuclei", n);
    const at = n * area;
    for (let i = 0; i < area * 3; i++) images[at * 3 + i] = 225 + random.int(20);
    const nuclei = Math.max(2, Math.round(area / 250));
    for (let id = 1; id <= nuclei; id++) {
      const kind = 1 + random.int(classes);
      const radius = random.uniform(3, 6);
      const [cx, cy] = [random.uniform(0, size), random.uniform(0, size)];
      for (let i = 0; i < area; i++) {
        const [x, y] = [i % size, Math.floor(i / size)];
        if ((x - cx) ** 2 + (y - cy) ** 2 > radius ** 2 || labels[(at + i) * 2] !== 0) continue;
        // Ids with gaps, as in CoNIC.
        labels[(at + i) * 2] = id * 3;
        labels[(at + i) * 2 + 1] = kind;
        for (let c = 0; c < 3; c++) {
          images[(at + i) * 3 + c] = colours[(kind - 1) % 6]![c]! + random.int(25);
        }
      }
    }
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "images.npy"), npyFile("|u1", [count, size, size, 3], images));
  await writeFile(join(folder, "labels.npy"), npyFile("<i4", [count, size, size, 2], labels));
  const patches = Array.from({ length: count }, (_, n) => `set_${Math.floor(n / 2)}-000${n % 2}`);
  await writeFile(join(folder, "patch_info.csv"), ["patch_info", ...patches].join("\n"));
}
