/** Choosing the best epoch of a network for instances: panoptic quality on whole validation images. */
import type { Sample } from "../data/dataset.ts";
import { readSample } from "../data/readSample.node.ts";
import { instanceOverlaps, overlapsOfClass } from "../metrics/instanceOverlaps.ts";
import {
  countDetections,
  panopticQuality,
  poolDetections,
  type Detections,
} from "../metrics/panopticQuality.ts";
import type { Engine } from "../network/engine.ts";
import { predictMaps } from "../predict/predictMaps.ts";
import { instancesOf } from "../predict/toLabels.ts";
import { foregroundOf } from "../tensor/raster.ts";
import type { EpochChoice } from "../train/fit.ts";
import { alone, tell, type Ranks } from "../train/ranks.ts";
import type { RunConfig } from "./config.ts";
import { factsOf } from "./networkFacts.ts";

/**
 * PQ of the validation images, each predicted whole and at its own size as evaluation does it, its
 * detections pooled over the images; with several classes the mean over those that occur.
 *
 * The network is opened anew after every epoch, and sees every validation image tile by tile, with a
 * quarter of overlap.
 */
export const instanceChoice = (
  engine: Engine,
  config: RunConfig,
  samples: readonly Sample[],
  ranks: Ranks = alone,
): EpochChoice => ({
  metric: "pq",
  async measure(weights) {
    const facts = factsOf(config);
    const { device, threads } = config.runtime;
    const predictor = await engine.openPredictor(facts, weights, { device, threads, maps: true });
    const { classes } = facts.labels;
    const own: { readonly index: number; readonly perClass: readonly Detections[] }[] = [];
    try {
      for (const [index, sample] of samples.entries()) {
        if (index % ranks.size !== ranks.rank) continue;
        const { image, labels } = await readSample(sample);
        const predicted = instancesOf(await predictMaps(predictor, image, facts.input));
        const truth = classes === 1 ? { ...labels, classes: foregroundOf(labels).data } : labels;
        const overlaps = instanceOverlaps(predicted, truth, classes);
        const perClass = Array.from({ length: classes }, (_, k) =>
          countDetections(classes === 1 ? overlaps : overlapsOfClass(overlaps, k + 1)),
        );
        own.push({ index, perClass });
      }
    } finally {
      await predictor.dispose();
    }
    // In the order of the images, whoever has seen them.
    const all = (await tell(ranks, own)).flat().sort((a, b) => a.index - b.index);
    const found = Array.from({ length: classes }, (_, k) =>
      all.map(({ perClass }) => perClass[k]!),
    );
    const qualities = found
      .map((of) => panopticQuality(poolDetections(of)).pq)
      .filter((pq) => !Number.isNaN(pq));
    return qualities.reduce((sum, pq) => sum + pq, 0) / qualities.length;
  },
});
