/** A session of ONNX Runtime behind the interface of sessions: the same for its packages for Node and for the web. */
import type {
  InferenceSession,
  Tensor as EngineTensor,
  TensorConstructor,
} from "onnxruntime-common";
import { DeviceError, ShapeError } from "../base/errors.ts";
import type { OnnxModel } from "../onnx/proto.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ActualDevice, Session, Tensors } from "./session.ts";

/** What the engine says of a failure. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The package of the engine, for Node or for the web. */
export interface EnginePackage {
  readonly Tensor: TensorConstructor;
}

/** @throws {DeviceError} if the engine cannot open the model. */
export async function openEngineSession(
  engine: EnginePackage,
  model: OnnxModel,
  device: ActualDevice,
  create: () => Promise<InferenceSession>,
): Promise<Session> {
  let session: InferenceSession;
  try {
    session = await create();
  } catch (error) {
    throw new DeviceError(
      `${model.name} on ${device}: the session must open, got: ${textOf(error)}`,
      { cause: error },
    );
  }
  return new EngineSession(engine, session, model, device);
}

class EngineSession implements Session {
  readonly device: ActualDevice;
  private readonly engine: EnginePackage;
  private readonly session: InferenceSession;
  private readonly model: OnnxModel;

  constructor(
    engine: EnginePackage,
    session: InferenceSession,
    model: OnnxModel,
    device: ActualDevice,
  ) {
    this.engine = engine;
    this.session = session;
    this.model = model;
    this.device = device;
  }

  async run(feeds: Tensors): Promise<Tensors> {
    const inputs: Record<string, EngineTensor> = {};
    for (const { name, dtype, shape } of this.model.inputs) {
      const value = feeds[name];
      if (!value)
        throw new ShapeError(`${this.model.name}: input ${name} must be given, got nothing`);
      if (value.dtype !== dtype || !sameShape(value.shape, shape)) {
        throw new ShapeError(
          `${this.model.name}: input ${name} must be ${dtype} ${showShape(shape)}, got ${value.dtype} ${showShape(value.shape)}`,
        );
      }
      inputs[name] = new this.engine.Tensor(value.dtype, value.data, value.shape);
    }
    try {
      const results = await this.session.run(inputs);
      return Object.fromEntries(
        this.model.outputs.map(({ name }) => [name, fromEngine(results[name]!)]),
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

function fromEngine({ data, dims: shape, type }: EngineTensor): Tensor {
  if (data instanceof Float32Array) return { dtype: "float32", shape, data };
  if (data instanceof BigInt64Array) return { dtype: "int64", shape, data };
  if (data instanceof Uint8Array) return { dtype: "bool", shape, data };
  throw new DeviceError(`output must be float32, int64 or bool, got ${type}`);
}
