/** What a runtime offers: sessions that run one ONNX model on one device. */
import type { Tensor } from "../tensor/tensor.ts";
import type { Target } from "../graph/value.ts";
import type { OnnxModel } from "../onnx/proto.ts";

/** Device names; `auto` takes CUDA if it works, else the CPU; the others must be asked for. */
export const DEVICES = ["auto", "cpu", "webgpu", "cuda", "coreml", "dml"] as const;
export type DeviceName = (typeof DEVICES)[number];
export type ActualDevice = Exclude<DeviceName, "auto">;

/** Whether a device can be used. */
export interface DeviceProbe {
  readonly device: ActualDevice;
  readonly available: boolean;
  /** What was found, or why the device cannot be used. */
  readonly detail: string;
}

/** What a graph may be written with: the CPU has operators of its own. */
export const targetOf = (device: ActualDevice = "cpu"): Target =>
  device === "cpu" ? "cpu" : "portable";

export interface SessionOptions {
  /** Default `cpu`. */
  readonly device?: ActualDevice;
  /** Threads inside one operator; 0 leaves it to the engine (one for each core). Default 0. */
  readonly threads?: number;
  /** Writes the time of every node to `<prefix>_<date>.json` when the session closes. */
  readonly profilePrefix?: string;
  /** Run the nodes as they are, without looking for others that compute the same: opens faster, and takes less memory. Default false. */
  readonly asWritten?: boolean;
  /** Keep freed memory for later runs of the session (faster); off gives it back at once. Default true. */
  readonly arena?: boolean;
}

export type Tensors = Readonly<Record<string, Tensor>>;

export interface Session {
  readonly device: ActualDevice;
  /**
   * Computes all outputs.
   *
   * @param feeds  one tensor for every input; not copied, so that parameters updated in place are seen by the next run
   * @throws {ShapeError} if an input is missing or has another shape; {DeviceError} if the engine fails.
   */
  run(feeds: Tensors): Promise<Tensors>;
  close(): Promise<void>;
}

/** Opens sessions; one implementation for Node, one for the web. */
export interface Runtime {
  open(model: OnnxModel, options?: SessionOptions): Promise<Session>;
}
