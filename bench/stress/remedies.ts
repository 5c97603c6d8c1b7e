/**
 * Remedies at prediction time, measured alone: each predicts the test images of a run in another way, and nothing is trained.
 *
 *     npx tsx bench/stress/remedies.ts <run> <kinds.csv> <out.csv>
 *
 * kinds.csv is that of scripts/dsbKinds.ts: from it come the diameters of the training images' objects.
 */
import { readFile } from "node:fs/promises";
import { atomicWriteFile } from "../../src/base/files.node.ts";
import { csvRows } from "../../src/data/formats/csvRows.ts";
import { saturation } from "../../src/data/augment/colours.ts";
import type { Sample } from "../../src/data/dataset.ts";
import { readSample } from "../../src/data/readSample.node.ts";
import { nodeEngine } from "../../src/network/engine.node.ts";
import { openCheckpoint } from "../../src/run/openCheckpoint.node.ts";
import { openRunSamples } from "../../src/run/runData.node.ts";
import { readWith } from "../../src/run/valueRange.ts";
import { predictedPairs, type PredictedPairOptions } from "../../src/score/predictedPairs.node.ts";
import { scorePairs } from "../../src/score/scorePairs.ts";
import type { Labels, RgbImage } from "../../src/tensor/raster.ts";

interface Remedy {
  readonly name: string;
  readonly how?: Pick<PredictedPairOptions, "tta" | "threshold" | "separate">;
  /** Times the zoom of the training; `size`: what brings the objects to the size of those in training. */
  readonly zoom?: number | "size";
  readonly change?: (image: RgbImage) => RgbImage;
  /** Values between the image's own percentiles, channel by channel. */
  readonly stretch?: boolean;
}

const invert = ({ width, height, data }: RgbImage): RgbImage => ({
  width,
  height,
  data: data.map((value) => 255 - value),
});

const remedies: readonly Remedy[] = [
  { name: "none" },
  { name: "flips averaged", how: { tta: true } },
  { name: "zoom x 0.5", zoom: 0.5 },
  { name: "zoom x 0.71", zoom: Math.SQRT1_2 },
  { name: "zoom x 1.41", zoom: Math.SQRT2 },
  { name: "zoom by size", zoom: "size" },
  { name: "percentiles", stretch: true },
  { name: "grey", change: (image) => saturation(image, 0) },
  { name: "inverted", change: invert },
  { name: "area 30", how: { separate: { minArea: 30 } } },
  { name: "threshold 0.35", how: { threshold: 0.35 } },
  { name: "neck 0.35", how: { separate: { neck: 0.35 } } },
];

const [run = "", kinds = "", out = ""] = process.argv.slice(2);
const diameters = await readDiameters(kinds);
const opened = await openCheckpoint(run);
const samples = await openRunSamples(opened.config, opened.run?.split);
const usual = medianOf(samples.train.map(({ name }) => diameters.get(name) ?? NaN));
const base = opened.config.data.zoom;
const predictor = await nodeEngine.openPredictor(opened.facts, opened.weights, {
  device: "cpu",
  threads: 1,
  maps: true,
});
const lines = ["run,remedy,name,zoom,pq,dq,sq,ajiPlus,dice"];
for (const sample of samples.test) {
  for (const remedy of remedies) {
    const zoom =
      remedy.zoom === "size" ? await zoomBySize(sample, remedy) : base * (remedy.zoom ?? 1);
    const { perImage, instances } = await scorePairs(pairsOf(sample, remedy, zoom), {
      instances: true,
      unit: "px",
    });
    const own = instances!.perImage[0]!.scores;
    const values = [own.pq, own.dq, own.sq, own.ajiPlus, perImage[0]!.scores.dice];
    lines.push([run, remedy.name, sample.name, zoom.toFixed(3), ...values].join(","));
  }
  // An interrupted measurement leaves what it has.
  await atomicWriteFile(out, lines.map((line) => `${line}\n`).join(""));
}
await predictor.dispose();

function pairsOf(sample: Sample, remedy: Remedy, zoom: number) {
  const { change = (image) => image, stretch = false, how = {} } = remedy;
  const values = stretch ? ({ mode: "image" } as const) : opened.facts.input.values;
  return predictedPairs(predictor, readWith(values, [sample]), {
    ...how,
    fit: "crop",
    instances: true,
    zoom,
    read: async (each) => {
      const { image, labels } = await readSample(each);
      return { image: change(image), labels };
    },
  });
}

/** The zoom at which the median object, as first predicted, has the diameter usual in training; at most twice or half the base. */
async function zoomBySize(sample: Sample, remedy: Remedy): Promise<number> {
  for await (const { prediction } of pairsOf(sample, remedy, base).pairs()) {
    const found = medianDiameter(prediction);
    if (Number.isNaN(found)) return base;
    return base * Math.min(2, Math.max(0.5, usual / found));
  }
  return base;
}

function medianDiameter({ instances }: Labels): number {
  const areas = new Map<number, number>();
  for (const id of instances!) if (id > 0) areas.set(id, (areas.get(id) ?? 0) + 1);
  return medianOf([...areas.values()].map((area) => 2 * Math.sqrt(area / Math.PI)));
}

function medianOf(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

async function readDiameters(path: string): Promise<Map<string, number>> {
  const [head, ...rows] = csvRows(await readFile(path, "utf8"));
  const at = head!.cells.indexOf("diameter");
  return new Map(rows.map(({ cells }) => [cells[0]!, Number(cells[at])]));
}
