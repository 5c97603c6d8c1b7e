/** The runtime in browsers: onnxruntime-web, compiled to WebAssembly. */
import * as ort from "onnxruntime-web/wasm";
import { ArgumentError } from "../base/errors.ts";
import { encodeModel, type OnnxModel } from "../onnx/proto.ts";
import { openEngineSession } from "./engineSession.ts";
import type { Runtime, Session, SessionOptions } from "./session.ts";

export interface WebRuntimeOptions {
  /** Address of the folder that holds the engine's two files, with a slash at its end. */
  readonly engineFolder: string;
  /** Fixed by the first session of a page or Worker; more than 1 only where the page is isolated. Default 1. */
  readonly threads?: number;
}

/** Version of the engine. */
export const engineVersion = (): string => ort.env.versions.web ?? ort.env.versions.common;

/** Opens sessions on the CPU, by WebAssembly. */
export function webRuntime({ engineFolder, threads = 1 }: WebRuntimeOptions): Runtime {
  ort.env.wasm.wasmPaths = engineFolder;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  return { open };
}

async function open(
  model: OnnxModel,
  { device = "cpu", asWritten = false, arena = true }: SessionOptions = {},
): Promise<Session> {
  if (device !== "cpu") {
    throw new ArgumentError(`${model.name}: device must be cpu in a browser, got ${device}`);
  }
  return openEngineSession(ort, model, device, () =>
    ort.InferenceSession.create(encodeModel(model), {
      executionProviders: ["wasm"],
      graphOptimizationLevel: asWritten ? "disabled" : "all",
      executionMode: "sequential",
      enableCpuMemArena: arena,
      enableMemPattern: !asWritten,
      logSeverityLevel: 4,
      extra: { session: { set_denormal_as_zero: "1" } },
    }),
  );
}
