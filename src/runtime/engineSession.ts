/** A session of ONNX Runtime behind the interface of sessions: the same for its packages for Node and for the web. */
import type {
  InferenceSession,
  Tensor as EngineTensor,
  TensorConstructor,
} from "onnxruntime-common";
import { DeviceError, ShapeError } from "../base/errors.ts";
import type { OnnxModel, OnnxValueInfo } from "../onnx/proto.ts";
import { showShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ActualDevice, Session, Tensors } from "./session.ts";

/** What the engine says of a failure. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The package of the engine, for Node or for the web. */
export interface EnginePackage {
  readonly Tensor: TensorConstructor;
}

/** What a session knows of its model. */
export type ModelInterface = Pick<OnnxModel, "name" | "inputs" | "outputs">;

/** @throws {DeviceError} if the engine cannot open the model. */
export async function openEngineSession(
  engine: EnginePackage,
  model: ModelInterface,
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
  private readonly model: ModelInterface;

  constructor(
    engine: EnginePackage,
    session: InferenceSession,
    model: ModelInterface,
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
      if (value.dtype !== dtype || !fits(value.shape, shape)) {
        throw new ShapeError(
          `${this.model.name}: input ${name} must be ${dtype} [${shape.join(", ")}], got ${value.dtype} ${showShape(value.shape)}`,
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

/** Whether a tensor has the sizes of an input, of which some may be free. */
const fits = (shape: Shape, wanted: OnnxValueInfo["shape"]): boolean =>
  shape.length === wanted.length &&
  wanted.every((size, i) => typeof size === "string" || size === shape[i]);

function fromEngine({ data, dims: shape, type }: EngineTensor): Tensor {
  if (data instanceof Float32Array) return { dtype: "float32", shape, data };
  if (data instanceof BigInt64Array) return { dtype: "int64", shape, data };
  if (data instanceof Uint8Array && type === "uint8") return { dtype: type, shape, data };
  throw new DeviceError(`output must be float32, int64 or uint8, got ${type}`);
}
