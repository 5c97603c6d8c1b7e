/** What is found while reading the samples of a data set one after another: counts, spreads and lists. */
import type { Dataset, Layout } from "../data/dataset.ts";
import { type SampleFacts, type Suspicion, suspicions } from "../data/sampleFacts.ts";
import { quantiles, type Quantiles } from "./quantiles.ts";

export const partNames = ["train", "validation", "test"] as const;

export interface InspectedClass {
  readonly name: string;
  readonly pixels: number;
  /** Of all pixels of the readable images. */
  readonly share: number;
  /** Images that show it. */
  readonly images: number;
  readonly instances?: number;
}

/** What was found; samples are named `part/name`. */
export interface DataFindings {
  readonly root: string;
  readonly layout: Layout;
  readonly instances: boolean;
  /** Samples of each part, readable or not. */
  readonly parts: Readonly<Record<(typeof partNames)[number], number>>;
  /** Different groups (patients, slides); 0 where none are known. */
  readonly groups: number;
  readonly readable: number;
  /** The most frequent sizes, at most 10, and how many there are in all. */
  readonly sizes: readonly {
    readonly width: number;
    readonly height: number;
    readonly count: number;
  }[];
  readonly differentSizes: number;
  readonly width: Quantiles;
  readonly height: Quantiles;
  /** How many images are of each kind, as `png, 8 bits, 3 channels`. */
  readonly formats: Readonly<Record<string, number>>;
  /** Images of 16 bits, and the smallest and the largest stored value in any of them. */
  readonly sixteenBits?: {
    readonly images: number;
    readonly least: number;
    readonly most: number;
  };
  /** Share of foreground of the images, 0..1. */
  readonly foreground: Quantiles;
  readonly classes: readonly InspectedClass[];
  readonly instancesPerImage?: Quantiles;
  /** Diameter of the middle instance of each image that has any, as of a disc of its area, pixels. */
  readonly instanceDiameter?: Quantiles;
  readonly suspicious: readonly {
    readonly kind: Suspicion;
    readonly text: string;
    readonly samples: readonly string[];
  }[];
  /** Samples of the same picture, pixel for pixel. */
  readonly duplicates: readonly (readonly string[])[];
  readonly unreadable: readonly { readonly sample: string; readonly message: string }[];
}

/** Of one readable sample. */
export interface Finding {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** Equal for equal pixels. */
  readonly hash: string;
  readonly facts: SampleFacts;
  /** Smallest and largest stored value of an image of 16 bits. */
  readonly values?: readonly [least: number, most: number];
}

/** Takes findings in the order of the samples; keeps numbers and names of them, no pixels. */
export function collectFindings(dataset: Dataset) {
  const { root, layout, classes, instances, train, validation, test } = dataset;
  const widths: number[] = [];
  const heights: number[] = [];
  const foreground: number[] = [];
  const instanceCounts: number[] = [];
  const diameters: number[] = [];
  const ranges: (readonly [number, number])[] = [];
  const formats = new Map<string, number>();
  const byHash = new Map<string, string[]>();
  const suspicious = new Map<Suspicion, string[]>();
  const unreadable: { sample: string; message: string }[] = [];
  const perClass = classes.map((name) => ({ name, pixels: 0, images: 0, instances: 0 }));

  return {
    /** @param sample  `part/name` */
    unreadable(sample: string, message: string): void {
      unreadable.push({ sample, message });
    },

    /** @param sample  `part/name` */
    add(sample: string, { width, height, format, hash, facts, values }: Finding): void {
      widths.push(width);
      heights.push(height);
      foreground.push(facts.foreground);
      formats.set(format, (formats.get(format) ?? 0) + 1);
      perClass.forEach((entry, k) => {
        const pixels = facts.classPixels[k]!;
        entry.pixels += pixels;
        if (pixels > 0) entry.images++;
        entry.instances += facts.classInstances?.[k] ?? 0;
      });
      if (facts.classInstances !== undefined) {
        instanceCounts.push(facts.classInstances.reduce((a, b) => a + b, 0));
      }
      if (facts.diameter !== undefined) diameters.push(facts.diameter);
      if (values !== undefined) ranges.push(values);
      push(byHash, hash, sample);
      for (const kind of facts.suspicions) push(suspicious, kind, sample);
    },

    summary(): DataFindings {
      const all = [...train, ...validation, ...test];
      const sizes = countSizes(widths, heights);
      const total = widths.reduce((sum, width, i) => sum + width * heights[i]!, 0);
      return {
        root,
        layout,
        instances,
        parts: { train: train.length, validation: validation.length, test: test.length },
        groups: new Set(all.flatMap(({ group }) => group ?? [])).size,
        readable: widths.length,
        sizes: sizes.slice(0, 10),
        differentSizes: sizes.length,
        width: quantiles(widths),
        height: quantiles(heights),
        formats: Object.fromEntries([...formats].sort((a, b) => b[1] - a[1])),
        ...(ranges.length > 0 && {
          sixteenBits: {
            images: ranges.length,
            least: ranges.reduce((found, [least]) => Math.min(found, least), Infinity),
            most: ranges.reduce((found, [, most]) => Math.max(found, most), 0),
          },
        }),
        foreground: quantiles(foreground),
        classes: perClass.map(({ name, pixels, images, instances: count }) => ({
          name,
          pixels,
          share: total === 0 ? 0 : pixels / total,
          images,
          ...(instances && { instances: count }),
        })),
        ...(instances && { instancesPerImage: quantiles(instanceCounts) }),
        ...(diameters.length > 0 && { instanceDiameter: quantiles(diameters) }),
        suspicious: (Object.keys(suspicions) as Suspicion[]).flatMap((kind) => {
          const samples = suspicious.get(kind);
          return samples === undefined ? [] : [{ kind, text: suspicions[kind], samples }];
        }),
        duplicates: [...byHash.values()].filter((samples) => samples.length > 1),
        unreadable,
      };
    },
  };
}

/** The most frequent first. */
function countSizes(widths: readonly number[], heights: readonly number[]) {
  const counts = new Map<string, { width: number; height: number; count: number }>();
  widths.forEach((width, i) => {
    const height = heights[i]!;
    const key = `${width} ${height}`;
    const entry = counts.get(key) ?? { width, height, count: 0 };
    entry.count++;
    counts.set(key, entry);
  });
  return [...counts.values()].sort(
    (a, b) => b.count - a.count || a.width - b.width || a.height - b.height,
  );
}

function push<K>(lists: Map<K, string[]>, key: K, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
