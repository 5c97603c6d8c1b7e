/** The same test images as every row of a table sees them: contours, edge and guidance maps. */
import type { Sample } from "../data/dataset.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { readSample } from "../data/readSample.node.ts";
import { qualifyNames } from "../data/splits/qualifyNames.ts";
import type { Engine } from "../network/engine.ts";
import { predictMaps } from "../predict/predictMaps.ts";
import { classesOf, instancesOf } from "../predict/toLabels.ts";
import type { ReportCase, ReportPicture } from "../report/casesHtml.ts";
import { colourMap } from "../report/colourMap.ts";
import { drawOverlay } from "../report/drawOverlay.ts";
import { toDataUri } from "../report/encodeImage.node.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import { exists, runFolder } from "../run/runFolder.node.ts";
import { readWith } from "../run/valueRange.ts";
import type { TableRow } from "../tables/paperTables.ts";
import type { TableRun } from "../tables/summariseTable.ts";
import { foregroundOf, type Labels, type RgbImage } from "../tensor/raster.ts";

/** Longer side of a picture. */
const SIDE = 320;

/** Where the runs and their images are. */
export interface PictureSource {
  /** Data set that holds the test images. */
  readonly data: string;
  /** Folder of a run. */
  readonly folder: (run: TableRun) => string;
  readonly engine: Engine;
  readonly threads: number;
}

/**
 * Names of `count` images that show the reference row from its worst to its best: evenly spaced in the order of its Dice. Those
 * without a Dice do not count.
 */
export function casesOfTable(reference: readonly TableRun[], count: number): string[] {
  const dice = new Map<string, number[]>();
  for (const { images } of reference) {
    for (const { name, scores } of images) {
      if (typeof scores.dice === "number") dice.set(name, [...(dice.get(name) ?? []), scores.dice]);
    }
  }
  const mean = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / values.length;
  const order = [...dice].sort(([a, x], [b, y]) => mean(x) - mean(y) || (a < b ? -1 : 1));
  const shown = Math.min(count, order.length);
  return Array.from(
    { length: shown },
    (_, i) => order[Math.floor(((i + 0.5) * order.length) / shown)]![0],
  );
}

/**
 * Each case with the image and, for each row, what the first of its runs that tested the image predicts. Runs whose checkpoint does
 * not lie here are left out.
 *
 * @throws {DataError} if an image or its labels cannot be read.
 */
export async function picturesOfTable(
  cases: readonly string[],
  rows: readonly TableRow[],
  runs: readonly TableRun[],
  source: PictureSource,
): Promise<ReportCase[]> {
  const pictures = new Map(cases.map((name) => [name, [] as ReportPicture[]]));
  const add = async (name: string, image: RgbImage, caption: string): Promise<void> => {
    pictures.get(name)!.push({ uri: await toDataUri(image, SIDE), caption });
  };
  const samples = new Map<string, Sample>();
  for (const row of rows) {
    const left = new Set(cases);
    for (const run of runs.filter((one) => one.row === row.name)) {
      const tested = run.images.map(({ name }) => name).filter((name) => left.has(name));
      const path = source.folder(run);
      if (tested.length === 0 || !(await exists(runFolder(path).best))) continue;
      const { config, facts, weights } = await openCheckpoint(path);
      const { fit, zoom } = facts.input;
      if (samples.size === 0) {
        const { train, validation, test } = qualifyNames(
          await openDataset(source.data, config.data),
        );
        for (const sample of [...train, ...validation, ...test]) samples.set(sample.name, sample);
      }
      const predictor = await source.engine.openPredictor(facts, weights, {
        device: config.runtime.device,
        threads: source.threads,
        maps: true,
      });
      try {
        for (const name of tested) {
          left.delete(name);
          const [sample] = readWith(facts.input.values, [samples.get(name)!]);
          const { image, labels } = await readSample(sample!);
          if (pictures.get(name)!.length === 0) await add(name, image, "image");
          const maps = await predictMaps(predictor, image, { fit, zoom });
          const told = facts.labels.instances;
          const prediction = told ? instancesOf(maps) : classesOf(maps.channels);
          const truth = regionsOf(labels, told);
          const overlay = drawOverlay(image, { truth, prediction: regionsOf(prediction, told) });
          await add(name, overlay, row.title);
          const { edge, guidance } = maps;
          if (edge) {
            const grey = colourMap(edge, "grey", { low: 0, high: 1 });
            await add(name, grey, `${row.title}: edges`);
          }
          if (guidance) await add(name, colourMap(guidance), `${row.title}: guidance`);
        }
      } finally {
        await predictor.dispose();
      }
    }
  }
  return [...pictures].map(([name, shown]) => ({ name, pictures: shown }));
}

/** Objects where they are told apart, else the foreground as one. */
const regionsOf = (labels: Labels, instances: boolean): Labels => {
  if (instances) return labels;
  const { width, height, data } = foregroundOf(labels);
  return { width, height, classes: data };
};
