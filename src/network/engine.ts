/** What commands need of the engine; tests put a fake in its place. */
import type { DeviceName, DeviceProbe } from "../runtime/session.ts";
import type { LossOptions } from "../losses/segmentationLoss.ts";
import type { Predictor } from "../predict/predictor.ts";
import type { NamedTensors } from "../tensor/tensor.ts";
import type { NetworkFacts } from "./facts.ts";
import type { NetworkReport } from "./inspectNetwork.ts";
import type { TrainingModel } from "./trainingModel.ts";

/** Where a network runs. */
export interface Placement {
  readonly device: DeviceName;
  /** 0: one a core. */
  readonly threads: number;
}

/** A network to train. */
export interface TrainingSetup extends Placement {
  readonly facts: NetworkFacts;
  readonly loss: LossOptions;
  /** Of the initial weights. */
  readonly seed: number;
  /** File of weights of the whole network to start from. */
  readonly weights?: string | undefined;
  /** File of weights to start the encoder from. */
  readonly encoderWeights?: string | undefined;
  /** Whether the encoder stays as it is. */
  readonly freezeEncoder: boolean;
  /** Whether what is cheap to compute is computed again for the gradients instead of kept. Default false. */
  readonly saveMemory?: boolean;
}

export interface PredictorOptions extends Placement {
  /** Whether edge and inner maps are computed as well. */
  readonly maps: boolean;
}

/** The engine, seen from training. */
export interface Engine {
  /** A network with fresh weights (or those of the files that the setup names), to train. */
  openTrainingModel(setup: TrainingSetup): Promise<TrainingModel>;
  /** The network of a checkpoint, for prediction. */
  openPredictor(
    facts: NetworkFacts,
    weights: NamedTensors,
    options: PredictorOptions,
  ): Promise<Predictor>;
  /** What a network costs. @param batch  images of a training step, for its memory */
  inspectNetwork(facts: NetworkFacts, batch: number): Promise<NetworkReport>;
  probeDevices(): Promise<readonly DeviceProbe[]>;
}
