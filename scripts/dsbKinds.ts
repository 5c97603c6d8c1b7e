/**
 * Sorts the training images of the 2018 Data Science Bowl (stage 1, BBBC038, CC0) into kinds by what can be measured of them, and
 * makes splits that leave one kind out of training.
 *
 *     npx tsx scripts/dsbKinds.ts <stage1_train> <kinds.csv> <folder for splits> <JSON list of beginnings of names to leave out> <features.json>
 *
 * features.json is written, or read where it is there: measuring takes a minute.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../src/base/random.ts";
import { openDataset } from "../src/data/openDataset.node.ts";
import { readSample } from "../src/data/readSample.node.ts";
import type { Labelled } from "../src/tensor/raster.ts";
import { atomicWriteFile } from "../src/base/files.node.ts";

export interface Features {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Mean of max - min of the channels, 0..255. */
  readonly chroma: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** Luminance at 5, 50, 95 and 99.5 %. */
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
  readonly p995: number;
  readonly objects: number;
  /** Median of the objects' diameters, of circles of their areas, pixels. */
  readonly diameter: number;
  /** Share of the image. */
  readonly foreground: number;
  /** Mean luminance of objects, and of the rest. */
  readonly inside: number;
  readonly outside: number;
  /** Deviation of the luminance outside objects. */
  readonly outsideStd: number;
}

export function featuresOf(name: string, { image, labels }: Labelled): Features {
  const { width, height, data } = image;
  const area = width * height;
  const grey = new Float64Array(area);
  let chroma = 0;
  const sums = [0, 0, 0];
  for (let i = 0; i < area; i++) {
    const r = data[3 * i]!,
      g = data[3 * i + 1]!,
      b = data[3 * i + 2]!;
    grey[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    chroma += Math.max(r, g, b) - Math.min(r, g, b);
    sums[0]! += r;
    sums[1]! += g;
    sums[2]! += b;
  }
  const sorted = Float64Array.from(grey).sort();
  const at = (q: number) => sorted[Math.min(area - 1, Math.floor(q * area))]!;
  const areas = new Map<number, number>();
  let inside = 0,
    outside = 0,
    outsideSquares = 0,
    count = 0;
  for (let i = 0; i < area; i++) {
    const id = labels.instances![i]!;
    if (id > 0) {
      areas.set(id, (areas.get(id) ?? 0) + 1);
      inside += grey[i]!;
      count++;
    } else {
      outside += grey[i]!;
      outsideSquares += grey[i]! ** 2;
    }
  }
  const diameters = [...areas.values()]
    .map((a) => 2 * Math.sqrt(a / Math.PI))
    .sort((a, b) => a - b);
  const rest = area - count;
  const mean = outside / rest;
  return {
    name,
    width,
    height,
    chroma: chroma / area,
    red: sums[0]! / area,
    green: sums[1]! / area,
    blue: sums[2]! / area,
    p5: at(0.05),
    p50: at(0.5),
    p95: at(0.95),
    p995: at(0.995),
    objects: areas.size,
    diameter: diameters[diameters.length >> 1] ?? 0,
    foreground: count / area,
    inside: inside / count,
    outside: mean,
    outsideStd: Math.sqrt(Math.max(0, outsideSquares / rest - mean ** 2)),
  };
}

/**
 * The kind, by the first rule that fits. The limits were set by looking at contact sheets, before anything was trained.
 *
 * - grey: no colour, bright ground
 * - hazy: no colour, dark ground as uneven as 0.14 of what nuclei stand out by: tissue, clumps, light out of focus
 * - large, small: other fluorescence, by the median diameter
 * - pink: eosin; few
 * - white: purple nuclei on a white ground
 * - purple: on a purple ground
 */
export function kindOf(f: Features): string {
  if (f.chroma < 6) {
    if (f.p50 >= 100) return "grey";
    if (f.outsideStd / (f.inside - f.outside) >= 0.14) return "hazy";
    return f.diameter >= 24 ? "large" : "small";
  }
  if (f.red > f.blue - 15 && f.green < 140) return "pink";
  return f.p95 >= 200 ? "white" : "purple";
}

/** Images of a kind left out that are tested, and images of the others that choose the epoch. */
const [mostTested, validating] = [40, 24];

const [folder = "", csv = "", splits = "", leave = "", cache = ""] = process.argv.slice(2);
const left = JSON.parse(await readFile(leave, "utf8")) as string[];
const all = (await measured()).filter(({ name }) => !left.some((start) => name.startsWith(start)));
const line = (f: Features): string =>
  [
    ...[f.name, kindOf(f), f.width, f.height],
    ...[f.chroma, f.p50, f.p95, f.inside, f.outside, f.outsideStd, f.diameter].map((v) =>
      v.toFixed(1),
    ),
    f.objects,
  ].join(",");
const head =
  "name,group,width,height,chroma,median,p95,inside,outside,outsideDeviation,diameter,objects";
await atomicWriteFile(csv, [head, ...all.map(line)].map((text) => `${text}\n`).join(""));
const kinds = new Set(all.map(kindOf));
const namesOf = (some: readonly Features[]): string[] => some.map(({ name }) => name).sort();
for (const kind of kinds) {
  const random = Random.of(0, "leave out", kind);
  const own = random.shuffled(all.filter((f) => kindOf(f) === kind));
  const others = random.shuffled(all.filter((f) => kindOf(f) !== kind));
  const split = {
    train: namesOf(others.slice(validating)),
    validation: namesOf(others.slice(0, validating)),
    test: namesOf(own.slice(0, mostTested)),
  };
  await atomicWriteFile(join(splits, `without-${kind}.json`), JSON.stringify(split, null, 1));
}

async function measured(): Promise<Features[]> {
  if (existsSync(cache)) return JSON.parse(await readFile(cache, "utf8")) as Features[];
  const { train } = await openDataset(folder);
  const found: Features[] = [];
  for (const sample of train) found.push(featuresOf(sample.name, await readSample(sample)));
  await atomicWriteFile(cache, JSON.stringify(found));
  return found;
}
