/** The runtime on Node: onnxruntime-node. */
import "./telemetryOff.node.ts";
import * as ort from "onnxruntime-node";
import { encodeModel, type OnnxModel } from "../onnx/proto.ts";
import { openEngineSession, type ModelInterface } from "./engineSession.ts";
import type { Runtime, Session, SessionOptions } from "./session.ts";

// Failures come back as errors; the engine's own lines on stderr would only repeat them.
ort.env.logLevel = "fatal";

/** Version of the engine. */
export const engineVersion = (): string => ort.env.versions.node ?? ort.env.versions.common;

export const nodeRuntime: Runtime = { open };

/** A model as the bytes of its file. */
export interface EncodedModel extends ModelInterface {
  readonly bytes: Uint8Array;
}

function open(model: OnnxModel, options: SessionOptions = {}): Promise<Session> {
  const { name, inputs, outputs } = model;
  return openEncoded({ name, inputs, outputs, bytes: encodeModel(model) }, options);
}

/** As `nodeRuntime.open`, of a model that is already a file. */
export function openEncoded(model: EncodedModel, options: SessionOptions = {}): Promise<Session> {
  const { device = "cpu", threads = 0, profilePrefix, asWritten = false, arena = true } = options;
  return openEngineSession(ort, model, device, () =>
    ort.InferenceSession.create(model.bytes, {
      // One name alone: of several, those that are missing would be left out with a mere warning. What the device lacks
      // still runs on the CPU.
      executionProviders: [device],
      graphOptimizationLevel: asWritten ? "disabled" : "all",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      enableCpuMemArena: arena,
      // A plan of all memory, made after the first run of a graph as written, would be kept beside what that run took.
      enableMemPattern: !asWritten,
      logSeverityLevel: 4,
      ...(profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: profilePrefix }),
      // Denormal numbers turn up in the moments of dead channels and slow every operator down.
      extra: { session: { set_denormal_as_zero: "1" } },
    }),
  );
}
