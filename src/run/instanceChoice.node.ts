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
): EpochChoice => ({
  metric: "pq",
  async measure(weights) {
    const facts = factsOf(config);
    const { device, threads } = config.runtime;
    const predictor = await engine.openPredictor(facts, weights, { device, threads, maps: true });
    const { classes } = facts.labels;
    const found = Array.from({ length: classes }, (): Detections[] => []);
    try {
      for (const sample of samples) {
        const { image, labels } = await readSample(sample);
        const predicted = instancesOf(await predictMaps(predictor, image, facts.input));
        const truth = classes === 1 ? { ...labels, classes: foregroundOf(labels).data } : labels;
        const overlaps = instanceOverlaps(predicted, truth, classes);
        found.forEach((all, k) => {
          all.push(countDetections(classes === 1 ? overlaps : overlapsOfClass(overlaps, k + 1)));
        });
      }
    } finally {
      await predictor.dispose();
    }
    const qualities = found
      .map((all) => panopticQuality(poolDetections(all)).pq)
      .filter((pq) => !Number.isNaN(pq));
    return qualities.reduce((sum, pq) => sum + pq, 0) / qualities.length;
  },
});
