/** A network with fixed weights, opened for prediction. */
import { toOnnx } from "../graph/toOnnx.ts";
import type { SgdNetOptions } from "../models/sgdNet.ts";
import type { Runtime, SessionOptions } from "../runtime/session.ts";
import { InternalError } from "../base/errors.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { predictionGraph } from "./networkGraphs.ts";
import type { Prediction, Predictor } from "../predict/predictor.ts";

export interface CreatePredictorOptions {
  readonly network: SgdNetOptions;
  /** Weights and running statistics under their PyTorch names. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Height and width of the images. */
  readonly size: number;
  /** Compute edge and guidance as well. */
  readonly maps: boolean;
  readonly session: SessionOptions;
}

/**
 * Builds the prediction graph (batch norm folded, weights constant, only o1 unless maps are wanted) and opens it. Images run one at a
 * time: memory stays that of one image, and one image already fills all cores.
 *
 * @throws {DataError} if a weight is missing or misshapen.
 */
export async function createPredictor(
  runtime: Runtime,
  { network, weights, size, maps, session: sessionOptions }: CreatePredictorOptions,
): Promise<Predictor> {
  const shape = { options: network, batch: 1, height: size, width: size };
  const graph = predictionGraph(shape, weights, { edge: maps, guidance: maps });
  const target = (sessionOptions.device ?? "cpu") === "cpu" ? "cpu" : "portable";
  const session = await runtime.open(toOnnx(graph, { target }), sessionOptions);
  const channels = network.classes ?? 1;
  const plane = size * size;

  return {
    channels,
    size,
    async predict(images: Float32Array, count: number): Promise<Prediction> {
      const results = new Map<string, { shape: readonly number[]; data: Float32Array }>();
      for (let i = 0; i < count; i++) {
        const image = images.subarray(i * 3 * plane, (i + 1) * 3 * plane);
        const outputs = await session.run({ image: tensor([1, 3, size, size], image) });
        for (const [name, { shape: one, data }] of Object.entries(outputs)) {
          const all = results.get(name) ?? {
            shape: one,
            data: new Float32Array(count * data.length),
          };
          if (data instanceof Float32Array) all.data.set(data, i * data.length);
          results.set(name, all);
        }
      }
      const of = (name: string) => results.get(name) ?? { shape: [], data: new Float32Array(0) };
      const probabilities = of("probability").data;
      if (probabilities.length !== count * channels * plane) {
        throw new InternalError(
          `prediction must have ${count * channels * plane} values, got ${probabilities.length}`,
        );
      }
      if (!maps) return { probabilities };
      const [, planes = 0, height = 0, width = 0] = of("guidance").shape;
      return {
        probabilities,
        maps: {
          edge: of("edge").data,
          guidance: of("guidance").data,
          guidanceShape: [planes, height, width],
        },
      };
    },
    dispose: () => session.close(),
  };
}
