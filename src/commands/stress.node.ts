/** How a checkpoint stands images that differ from those it was trained on: by kind, and by shifts made on purpose. */
import { join } from "node:path";
import { z } from "zod";
import { Random } from "../base/random.ts";
import { DataError } from "../base/errors.ts";
import { atomicWriteFile } from "../base/files.node.ts";
import { checkOptions, fileOption, folderOption } from "../base/options.ts";
import { toJson } from "../base/toJson.ts";
import type { Sample } from "../data/dataset.ts";
import { readSample } from "../data/readSample.node.ts";
import { applyShift } from "../data/shifts/applyShift.node.ts";
import { shiftNames, shiftTable, type ShiftName } from "../data/shifts/shifts.ts";
import { readGroups } from "../data/splits/splitGroups.node.ts";
import type { Engine } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { drawOverlay } from "../report/drawOverlay.ts";
import { toDataUri } from "../report/encodeImage.node.ts";
import { imageColumns } from "../report/imageColumns.ts";
import { stressCsv } from "../report/stressCsv.ts";
import { stressHtml, type StressPicture } from "../report/stressHtml.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import {
  checkpointOption,
  deviceOption,
  plainOptions,
  thresholdOption,
  threadsOption,
  ttaOption,
} from "../run/runtimeOptions.ts";
import { readWith } from "../run/valueRange.ts";
import { classCount, predictedPairs } from "../score/predictedPairs.node.ts";
import { sampleOfKinds } from "../score/sampleOfKinds.ts";
import { scorePairs } from "../score/scorePairs.ts";
import type { Scores } from "../score/scores.ts";
import { seenScores, type SeenScores } from "../score/seenScores.ts";
import {
  allKinds,
  stressCells,
  type StressCell,
  type StressColumn,
  type StressCondition,
} from "../score/stressCells.ts";
import { chooseSamples, chosenOptions, type PartName } from "./chooseSamples.node.ts";
import { seenOf } from "./seenOf.node.ts";
import { bootstrapOptions } from "./scoreOptions.ts";
import { separationOf, separationOptions } from "./separationOptions.ts";

export const stressSchema = z.strictObject({
  checkpoint: checkpointOption,
  ...plainOptions,
  ...chosenOptions,
  kinds: fileOption(
    "table of the images' kinds, CSV with the columns name and group, or JSON (default: all are one kind)",
  ).optional(),
  shifts: z
    .array(z.enum([...shiftNames, "none"]))
    .default([...shiftNames])
    .describe("what the images are changed by; none: kinds alone"),
  strengths: z
    .array(z.number().gt(0).max(1))
    .default([0.25, 0.5, 1])
    .describe("how strongly, each above 0 and up to 1"),
  images: z
    .int()
    .min(0)
    .default(24)
    .describe("how many images, drawn by the seed, as many of each kind; 0: all"),
  out: folderOption("folder for stress.json, stress.csv, stress.html").optional(),
  examples: z.int().min(0).default(2).describe("images shown under every shift in stress.html"),
  tta: ttaOption.default(false),
  threshold: thresholdOption.default(0.5),
  ...separationOptions,
  ...bootstrapOptions,
  device: deviceOption.default("auto"),
  threads: threadsOption.default(0),
});

export type StressOptions = z.input<typeof stressSchema>;
type Checked = z.output<typeof stressSchema>;

/** What watches and steers a stress test. */
export interface StressHooks {
  onProgress?(done: number, total: number): void;
  readonly signal?: AbortSignal;
  /** Default: ONNX Runtime on Node. */
  readonly engine?: Engine;
}

export interface StressResult {
  readonly checkpoint: string;
  readonly data: string;
  readonly part: PartName;
  readonly seed: number;
  /** Name and, where it is known, kind of each image. */
  readonly images: readonly { readonly name: string; readonly kind?: string }[];
  /** Which of them the network was trained on or chosen by. */
  readonly seen: SeenScores;
  /** The metric that the text shows. */
  readonly headline: string;
  /** Every metric of every kind under every condition, the images as they are first. */
  readonly cells: readonly StressCell[];
  /** Paths of the files that were written. */
  readonly files: readonly string[];
}

/**
 * Scores a checkpoint on images as they are and under each shift at each strength, all of them together and kind by kind.
 * Nothing is learnt and nothing chosen: predictions are those of `evaluate`.
 *
 * @throws {ArgumentError} for unusable options.
 * @throws {DataError} as `evaluate`; if the table of kinds lacks one of the images.
 */
export async function stress(
  options: StressOptions,
  hooks: StressHooks = {},
): Promise<StressResult> {
  const checked = checkOptions(stressSchema, options, "options of stress");
  const { out, tta, threshold, device, threads, seed, resamples, confidence } = checked;
  const { engine = nodeEngine, signal } = hooks;
  const opened = await openCheckpoint(checked.checkpoint, checked);
  const { part, samples: found, data, parts } = await chooseSamples(opened, checked);
  const allOfKinds = await kindsOf(found, checked.kinds);
  const taken = sampleOfKinds(allOfKinds, checked.images, seed);
  const kinds = taken.map((i) => allOfKinds[i]);
  const samples = readWith(
    opened.facts.input.values,
    taken.map((i) => found[i]!),
  );
  const met = await seenOf(opened, samples, { ...checked, parts, nearDuplicates: false, signal });
  const { fit, zoom, instances = false } = opened.config.data;
  const separate = separationOf(checked);
  const how = { fit, zoom, instances, separate, tta, threshold };
  const predictor = await engine.openPredictor(opened.facts, opened.weights, {
    device,
    threads,
    maps: instances,
  });
  try {
    const conditions = conditionsOf(checked);
    const total = conditions.length * samples.length;
    const cells: StressCell[] = [];
    const pictures: StressPicture[] = [];
    const shown = sampleOfKinds(kinds, checked.examples || samples.length, seed);
    let first: Scores | undefined;
    for (const [c, condition] of conditions.entries()) {
      const source = predictedPairs(predictor, samples, {
        ...how,
        read: readUnder(condition, seed),
      });
      const scores = await scorePairs(
        source,
        { classes: classCount(predictor), instances, unit: "px" },
        {
          onProgress: (done) => hooks.onProgress?.(c * samples.length + done, total),
          signal,
        },
      );
      first ??= scores;
      cells.push(
        ...stressCells(condition, columnsOf(first), columnsOf(scores), kinds, {
          seed,
          resamples,
          confidence,
        }),
      );
      if (out === undefined || checked.examples === 0) continue;
      const headline = columnsOf(scores)[0]!;
      for (const i of shown) {
        const { name } = samples[i]!;
        const { image, truth, prediction } = await source.view(name);
        pictures.push({
          ...condition,
          name,
          ...(kinds[i] !== undefined && { kind: kinds[i] }),
          value: headline.values[i]!,
          uri: await toDataUri(drawOverlay(image!, { truth, prediction }), 300),
        });
      }
    }
    const result = {
      ...{ checkpoint: opened.file, data, part, seed },
      images: samples.map(({ name }, i) => ({
        name,
        ...(kinds[i] !== undefined && { kind: kinds[i] }),
      })),
      seen: seenScores(first!, met.images, met.known),
      headline: columnsOf(first!)[0]!.label,
      cells,
    };
    if (out === undefined) return { ...result, files: [] };
    const written = [
      ["stress.json", toJson({ ...result, options: checked })],
      ["stress.csv", stressCsv(cells)],
      ["stress.html", stressHtml(result, pictures)],
    ] as const;
    for (const [name, text] of written) await atomicWriteFile(join(out, name), text);
    return { ...result, files: written.map(([name]) => join(out, name)) };
  } finally {
    await predictor.dispose();
  }
}

/** The images as they are, then every shift at every strength. */
function conditionsOf({ shifts, strengths }: Checked): StressCondition[] {
  const ordered = [...new Set(strengths)].sort((a, b) => a - b);
  return [
    { shift: "none", strength: 0 },
    ...shiftNames
      .filter((shift) => shifts.includes(shift))
      .flatMap((shift) =>
        ordered.map((strength) => {
          const { amount, unit } = shiftTable[shift];
          return { shift, strength, amount: amount(strength), unit };
        }),
      ),
  ];
}

/** Noise is the same at every strength of a shift, but for its size. */
const readUnder =
  ({ shift, strength }: StressCondition, seed: number) =>
  async (sample: Sample) => {
    const own = await readSample(sample);
    if (strength === 0) return own;
    const random = Random.of(seed, "stress", shift, sample.name);
    return applyShift(own, shift as ShiftName, strength, random);
  };

/** What is averaged of scores: all but counts, the headline metric first. */
const columnsOf = (scores: Scores): StressColumn[] =>
  imageColumns(scores).flatMap(({ label, kind, values }) =>
    kind === "count" ? [] : [{ label, kind, values }],
  );

/** The kind of each image. @throws {DataError} if the table lacks one of them, or uses the name of them all. */
async function kindsOf(
  samples: readonly Sample[],
  path: string | undefined,
): Promise<(string | undefined)[]> {
  if (path === undefined) return samples.map(() => undefined);
  const table = await readGroups(path);
  return samples.map(({ name }) => {
    const kind = table.get(name);
    if (kind === allKinds)
      throw new DataError(
        `${path}: kinds must have names other than "${allKinds}", which stands for every image, got it for ${name}; rename it`,
      );
    if (kind !== undefined) return kind;
    throw new DataError(
      `${path}: must tell the kind of every image, got none for ${name}; add a line`,
    );
  });
}
