/** A network with fixed weights, opened for prediction. */
import { toOnnx } from "../graph/toOnnx.ts";
import { targetOf, type Runtime, type Session, type SessionOptions } from "../runtime/session.ts";
import { InternalError } from "../base/errors.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import type { ChosenNetwork } from "./facts.ts";
import { predictionGraph } from "./networkGraphs.ts";
import type { InnerMap, Prediction, Predictor } from "../predict/predictor.ts";

export interface CreatePredictorOptions {
  readonly network: ChosenNetwork;
  /** Weights and running statistics under their PyTorch names. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Height and width of the images. */
  readonly size: number;
  /** Compute the edge and the network's own maps as well. */
  readonly maps: boolean;
  readonly session: SessionOptions;
}

/**
 * Builds the prediction graph (batch norm folded, weights constant, only the prediction unless maps are wanted) and opens it. Images
 * run one at a time: memory stays that of one image, and one image already fills all cores.
 *
 * @throws {DataError} if a weight is missing or misshapen.
 */
export async function createPredictor(
  runtime: Runtime,
  { network, weights, size, maps, session: sessionOptions }: CreatePredictorOptions,
): Promise<Predictor> {
  const shape = { network, batch: 1, height: size, width: size };
  const graph = predictionGraph(shape, weights, maps);
  const target = targetOf(sessionOptions.device);
  const session = await runtime.open(toOnnx(graph, { target }), sessionOptions);
  const { channels = 1 } = network;
  return predictorOf(session, { channels, size, maps });
}

/** The network of an open session as a predictor; maps under the names of `predictionGraph`, or `guidance` without `map/`. */
export function predictorOf(
  session: Session,
  { channels, size, maps }: Pick<Predictor, "channels" | "size"> & { readonly maps: boolean },
): Predictor {
  const plane = size * size;
  return {
    channels,
    size,
    async predict(images: Float32Array, count: number): Promise<Prediction> {
      const results = new Map<string, InnerMap>();
      for (let i = 0; i < count; i++) {
        const image = images.subarray(i * 3 * plane, (i + 1) * 3 * plane);
        const outputs = await session.run({ image: tensor([1, 3, size, size], image) });
        for (const [name, { shape: one, data }] of Object.entries(outputs)) {
          const [, planes = 0, height = 0, width = 0] = one;
          const all = results.get(name) ?? {
            shape: [planes, height, width],
            data: new Float32Array(count * data.length),
          };
          if (data instanceof Float32Array) all.data.set(data, i * data.length);
          results.set(name, all);
        }
      }
      const probabilities = results.get("probability")?.data ?? new Float32Array(0);
      if (probabilities.length !== count * channels * plane) {
        throw new InternalError(
          `prediction must have ${count * channels * plane} values, got ${probabilities.length}`,
        );
      }
      if (!maps) return { probabilities };
      const [edge, guidance] = [
        results.get("edge")?.data,
        results.get("map/guidance") ?? results.get("guidance"),
      ];
      return { probabilities, maps: { ...(edge && { edge }), ...(guidance && { guidance }) } };
    },
    dispose: () => session.close(),
  };
}
