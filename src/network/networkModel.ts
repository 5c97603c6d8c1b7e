/** A network as a model in training: sessions for steps and evaluation over shared arrays. */
import type { Graph } from "../graph/graph.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import type { LossOptions } from "../losses/segmentationLoss.ts";
import { initialValue } from "../nn/init.ts";
import { InternalError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import {
  targetOf,
  type Runtime,
  type Session,
  type SessionOptions,
  type Tensors,
} from "../runtime/session.ts";
import type { ChosenNetwork } from "./facts.ts";
import { keyPointTargets } from "./keyPointTargets.ts";
import {
  evaluationGraph,
  networkParameters,
  planesOf,
  trainingGraph,
  wantsKeyPoints,
  type NetworkShape,
  type TrainingGraph,
} from "./networkGraphs.ts";
import type { EvaluationResult, StepResult, TrainingModel } from "./trainingModel.ts";

export interface NetworkModelOptions {
  readonly network: ChosenNetwork;
  readonly size: readonly [height: number, width: number];
  readonly loss?: LossOptions;
  readonly seed: number;
  /** Parameters that stay as they are, e.g. those of a frozen encoder. Running statistics follow the images all the same. */
  readonly frozen?: (name: string) => boolean;
  /** Values to start from instead of random ones; the rest is drawn from the seed. */
  readonly start?: ReadonlyMap<string, Tensor>;
  readonly session?: SessionOptions;
  /** See `trainingGraph`. Default false. */
  readonly saveMemory?: boolean;
}

/** A network with its weights, ready for `fit`. Sessions are built when first needed, one for each batch size. */
export function createNetworkModel(runtime: Runtime, options: NetworkModelOptions): TrainingModel {
  return new NetworkModel(runtime, options);
}

class NetworkModel implements TrainingModel {
  readonly parameters = new Map<string, Float32Array>();
  readonly buffers = new Map<string, Float32Array>();
  readonly shapes = new Map<string, Shape>();
  private readonly runtime: Runtime;
  private readonly options: NetworkModelOptions;
  private readonly training = new Map<number, { built: TrainingGraph; session: Session }>();
  private evaluation: { terms: readonly string[]; session: Session } | null = null;

  constructor(runtime: Runtime, options: NetworkModelOptions) {
    this.runtime = runtime;
    this.options = options;
    const { network, size, seed, start, frozen = () => false } = options;
    for (const { name, shape, init, trained } of networkParameters(network, size)) {
      const given = start?.get(name)?.data;
      const data =
        given instanceof Float32Array ? given.slice() : initialValue(name, shape, init, seed).data;
      if (data.length !== sizeOf(shape)) {
        throw new InternalError(`${name}: must have ${sizeOf(shape)} values, got ${data.length}`);
      }
      this.shapes.set(name, shape);
      (trained && !frozen(name) ? this.parameters : this.buffers).set(name, data);
    }
  }

  async step(
    images: Float32Array,
    masks: Float32Array,
    count: number,
    seed: number,
  ): Promise<StepResult> {
    const { built, session } = await this.trainingSession(count);
    const feeds: Record<string, Tensor> = {
      ...this.weights(),
      ...this.batch(images, masks, count, seed),
    };
    for (const { name, shape, rate } of built.noise) {
      const random = Random.of(seed, name);
      const kept = 1 / (1 - rate);
      const mask = Float32Array.from({ length: sizeOf(shape) }, () =>
        random.chance(rate) ? 0 : kept,
      );
      feeds[name] = tensor(shape, mask);
    }
    const results = await session.run(feeds);
    const terms = termsOf(results, built.terms);
    const statistics = [...built.updated].map(([name, decay]) => ({
      ...{ name, decay },
      fresh: floats(results, `fresh/${name}`),
    }));
    const gradients = new Map<string, Float32Array>();
    for (const [name, data] of this.parameters) {
      gradients.set(
        name,
        built.trained.includes(name)
          ? floats(results, `grad/${name}`)
          : new Float32Array(data.length),
      );
    }
    return { terms, gradients, statistics };
  }

  /** One image at a time: any count works, and memory stays that of one image. */
  async evaluate(
    images: Float32Array,
    masks: Float32Array,
    count: number,
  ): Promise<EvaluationResult> {
    const { channels = 1 } = this.options.network;
    const planes = this.planes();
    const [height, width] = this.options.size;
    if (!this.evaluation) {
      const { graph, terms } = evaluationGraph(this.shapeFor(1), this.options.loss ?? {});
      this.evaluation = { terms, session: await this.open(graph) };
    }
    const { session, terms } = this.evaluation;
    const plane = height * width;
    const probabilities = new Float32Array(count * channels * plane);
    const sums: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const image = images.subarray(i * 3 * plane, (i + 1) * 3 * plane);
      const mask = masks.subarray(i * planes * plane, (i + 1) * planes * plane);
      const results = await session.run({ ...this.weights(), ...this.batch(image, mask, 1, 0) });
      probabilities.set(floats(results, "probability"), i * channels * plane);
      for (const [name, value] of Object.entries(termsOf(results, terms))) {
        sums[name] = (sums[name] ?? 0) + value / count;
      }
    }
    return { terms: sums, probabilities };
  }

  async dispose(): Promise<void> {
    for (const { session } of this.training.values()) await session.close();
    await this.evaluation?.session.close();
    this.training.clear();
    this.evaluation = null;
  }

  private async trainingSession(count: number) {
    const known = this.training.get(count);
    if (known) return known;
    const { loss = {}, frozen, saveMemory } = this.options;
    const built = trainingGraph(this.shapeFor(count), loss, frozen, saveMemory);
    const made = { built, session: await this.open(built.graph) };
    this.training.set(count, made);
    return made;
  }

  private open(graph: Graph): Promise<Session> {
    const { session = {} } = this.options;
    // Weights are operands, so there is nothing that the engine could compute in advance: its search for a better graph takes longer
    // than all it finds here saves.
    const asWritten = true;
    const model = toOnnx(graph, { target: targetOf(session.device), asWritten });
    return this.runtime.open(model, { ...session, asWritten });
  }

  private shapeFor(batch: number): NetworkShape {
    const [height, width] = this.options.size;
    return { network: this.options.network, batch, height, width };
  }

  /** @param seed  of what is drawn to make the targets */
  private batch(
    images: Float32Array,
    masks: Float32Array,
    count: number,
    seed: number,
  ): Record<string, Tensor> {
    const { network, loss = {}, size } = this.options;
    const [height, width] = size;
    const image = tensor([count, 3, height, width], images);
    const mask = tensor([count, this.planes(), height, width], masks);
    if (!wantsKeyPoints(network, loss)) return { image, mask };
    return { image, mask, keyPoints: keyPointTargets(mask, seed) };
  }

  /** Planes of the masks. */
  private planes(): number {
    return planesOf(this.options.network);
  }

  /** All arrays as tensors; not copied. */
  private weights(): Record<string, Tensor> {
    const all: Record<string, Tensor> = {};
    for (const [name, data] of [...this.parameters, ...this.buffers]) {
      all[name] = { dtype: "float32", shape: this.shapes.get(name)!, data };
    }
    return all;
  }
}

function floats(results: Tensors, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array))
    throw new InternalError(`output ${name}: must be float32, got nothing`);
  return data;
}

function termsOf(
  results: Tensors,
  names: readonly string[],
): Record<string, number> & { total: number } {
  const terms = Object.fromEntries(
    names.map((name) => [name, floats(results, `loss/${name}`)[0]!]),
  );
  return { ...terms, total: terms.total ?? NaN };
}
