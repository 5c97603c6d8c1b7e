/** What training, evaluation and inspection need of the engine; tests put a fake in its place. */
import type { ActualDevice, DeviceName } from "../runtime/session.ts";
import type { NamedTensors } from "../run/checkpoint.node.ts";
import type { RunConfig } from "../run/config.ts";
import type { Predictor } from "../predict/predictor.ts";
import type { TrainingModel } from "./trainingModel.ts";

export interface PredictorOptions {
  readonly device: DeviceName;
  /** 0: one a core. */
  readonly threads: number;
  /** Whether edge and guidance are computed as well. */
  readonly maps: boolean;
}

/** One layer or block of a network. */
export interface LayerReport {
  readonly name: string;
  /** Shape of its output for one image. */
  readonly output: readonly number[];
  readonly parameters: number;
  /** Multiply-accumulates of its convolutions for one image. */
  readonly macs: number;
}

/** What a network costs. */
export interface NetworkReport {
  readonly parameters: {
    /** Trained ones. */
    readonly trainable: number;
    /** With the encoder's unused ImageNet classifier, as the paper counts. */
    readonly withEncoderClassifier: number;
  };
  /** Multiply-accumulates of the convolutions for one image. */
  readonly macs: {
    /** With the released dense Sobel convolutions. */
    readonly asReleased: number;
    /** Without those on the shallow map, which are all but 2 % of them: the figure that speeds are counted with. */
    readonly withoutShallowSobel: number;
    /** What this implementation computes: the Sobel of the channel sum. */
    readonly asComputed: number;
  };
  /** Bytes of the weights, and an estimate of the most that training one batch takes. */
  readonly memory: Readonly<Record<string, number>>;
  readonly layers: readonly LayerReport[];
}

/** Whether a device can be used. */
export interface DeviceReport {
  readonly device: ActualDevice;
  readonly available: boolean;
  /** Why not, or what was found. */
  readonly detail: string;
}

/** The engine, seen from training. */
export interface Engine {
  /** A network with fresh weights (or the encoder weights that the configuration names), to train. */
  openTrainingModel(config: RunConfig): Promise<TrainingModel>;
  /** The network of a checkpoint, for prediction. */
  openPredictor(
    config: RunConfig,
    weights: NamedTensors,
    options: PredictorOptions,
  ): Promise<Predictor>;
  inspectNetwork(config: RunConfig): Promise<NetworkReport>;
  probeDevices(): Promise<readonly DeviceReport[]>;
}
