/** A method without training, tested as networks are: a table's row beside theirs. */
import { openDataset } from "../data/openDataset.node.ts";
import { imageNetMean, imageNetStd } from "../data/loader/networkInput.ts";
import { qualifyNames } from "../data/splits/qualifyNames.ts";
import type { Predictor } from "../predict/predictor.ts";
import type { RunConfig } from "../run/config.ts";
import { openRunSamples } from "../run/runData.node.ts";
import { predictedPairs } from "../score/predictedPairs.node.ts";
import { scorePairs } from "../score/scorePairs.ts";
import type { Scores } from "../score/scores.ts";
import { msca } from "../superpixels/msca.ts";
import type { TableRow } from "../tables/paperTables.ts";
import type { TableRun } from "../tables/summariseTable.ts";

/** What its run is, but for what was planned and for the images. */
type Tested = Pick<TableRun, "epochs" | "trainingSeconds" | "predictionMs" | "parameters" | "macs">;

/**
 * Scores the test images of a run's data, or all of another data set, as one class of areas; pictures are seen at the run's size.
 *
 * @param test  another data set
 * @throws {DataError} if an image or its labels cannot be read.
 */
export async function testMethod(
  method: NonNullable<TableRow["method"]>,
  config: RunConfig,
  test: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Tested & { readonly scores: Scores }> {
  const all = test === undefined ? undefined : qualifyNames(await openDataset(test, config.data));
  const samples = all
    ? [...all.train, ...all.validation, ...all.test]
    : (await openRunSamples(config)).test;
  const times: number[] = [];
  const predictor = predictorOf(METHODS[method], config.data.size, times);
  const scores = await scorePairs(predictedPairs(predictor, samples), {}, { signal });
  const [median = NaN] = times.sort((a, b) => a - b).slice(Math.floor(times.length / 2));
  const nothing = { epochs: 0, trainingSeconds: 0, parameters: 0, macs: 0 };
  return { ...nothing, predictionMs: median, scores };
}

const METHODS = { msca } as const;

/** The method in a network's place. @param times  gets the milliseconds of each image */
function predictorOf(segment: typeof msca, size: number, times: number[]): Predictor {
  const area = size * size;
  return {
    channels: 1,
    size,
    predict(images, count) {
      const probabilities = new Float32Array(count * area);
      for (let n = 0; n < count; n++) {
        const data = new Uint8Array(3 * area);
        for (let c = 0; c < 3; c++) {
          for (let i = 0; i < area; i++) {
            const v = images[(3 * n + c) * area + i]! * imageNetStd[c]! + imageNetMean[c]!;
            data[3 * i + c] = Math.round(255 * v);
          }
        }
        const began = performance.now();
        probabilities.set(segment({ width: size, height: size, data }).data, n * area);
        times.push(performance.now() - began);
      }
      return Promise.resolve({ probabilities });
    },
    dispose: () => Promise.resolve(),
  };
}
