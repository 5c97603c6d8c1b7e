/** The runtime on Node: onnxruntime-node. */
import "./telemetryOff.node.ts";
import * as ort from "onnxruntime-node";
import { DeviceError, ShapeError } from "../base/errors.ts";
import { encodeModel, type OnnxModel, type OnnxValueInfo } from "../onnx/proto.ts";
import { showShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ActualDevice, Runtime, Session, SessionOptions, Tensors } from "./session.ts";

// Failures come back as errors; the engine's own lines on stderr would only repeat them.
ort.env.logLevel = "fatal";

/** Version of the engine. */
export const engineVersion = (): string => ort.env.versions.node ?? ort.env.versions.common;

export const nodeRuntime: Runtime = { open };

/** A model as the bytes of its file. */
export interface EncodedModel extends Pick<OnnxModel, "name" | "inputs" | "outputs"> {
  readonly bytes: Uint8Array;
}

function open(model: OnnxModel, options: SessionOptions = {}): Promise<Session> {
  const { name, inputs, outputs } = model;
  return openEncoded({ name, inputs, outputs, bytes: encodeModel(model) }, options);
}

/** As `nodeRuntime.open`, of a model that is already a file. */
export async function openEncoded(
  model: EncodedModel,
  options: SessionOptions = {},
): Promise<Session> {
  const { device = "cpu", threads = 0, profilePrefix, arena = true } = options;
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(model.bytes, {
      // One name alone: of several, those that are missing would be left out with a mere warning. What the device lacks
      // still runs on the CPU.
      executionProviders: [device],
      graphOptimizationLevel: "all",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      enableCpuMemArena: arena,
      enableMemPattern: true,
      logSeverityLevel: 4,
      ...(profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: profilePrefix }),
      // Denormal numbers turn up in the moments of dead channels and slow every operator down.
      extra: { session: { set_denormal_as_zero: "1" } },
    });
  } catch (error) {
    throw new DeviceError(
      `${model.name} on ${device}: the session must open, got: ${textOf(error)}`,
      { cause: error },
    );
  }
  return new NodeSession(session, model, device);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class NodeSession implements Session {
  readonly device: ActualDevice;
  private readonly session: ort.InferenceSession;
  private readonly model: EncodedModel;

  constructor(session: ort.InferenceSession, model: EncodedModel, device: ActualDevice) {
    this.session = session;
    this.model = model;
    this.device = device;
  }

  async run(feeds: Tensors): Promise<Tensors> {
    const inputs: Record<string, ort.Tensor> = {};
    for (const { name, dtype, shape } of this.model.inputs) {
      const value = feeds[name];
      if (!value)
        throw new ShapeError(`${this.model.name}: input ${name} must be given, got nothing`);
      if (value.dtype !== dtype || !fits(value.shape, shape)) {
        throw new ShapeError(
          `${this.model.name}: input ${name} must be ${dtype} [${shape.join(", ")}], got ${value.dtype} ${showShape(value.shape)}`,
        );
      }
      inputs[name] = toOrt(value);
    }
    try {
      const results = await this.session.run(inputs);
      return Object.fromEntries(
        this.model.outputs.map(({ name }) => [name, fromOrt(results[name]!)]),
      );
    } catch (error) {
      throw new DeviceError(
        `${this.model.name} on ${this.device}: the run must succeed, got: ${textOf(error)}`,
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    this.session.endProfiling();
    await this.session.release();
  }
}

/** Whether a tensor has the sizes of an input, of which some may be free. */
const fits = (shape: Shape, wanted: OnnxValueInfo["shape"]): boolean =>
  shape.length === wanted.length &&
  wanted.every((size, i) => typeof size === "string" || size === shape[i]);

function toOrt(value: Tensor): ort.Tensor {
  return new ort.Tensor(value.dtype, value.data, value.shape);
}

function fromOrt(value: ort.Tensor): Tensor {
  const shape = value.dims;
  const { data } = value;
  if (data instanceof Float32Array) return { dtype: "float32", shape, data };
  if (data instanceof BigInt64Array) return { dtype: "int64", shape, data };
  if (data instanceof Uint8Array && (value.type === "bool" || value.type === "uint8")) {
    return { dtype: value.type, shape, data };
  }
  throw new DeviceError(`output must be float32, int64, bool or uint8, got ${value.type}`);
}
