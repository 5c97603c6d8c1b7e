/** A runtime that notes what its sessions cost. */
import type { OnnxModel } from "../src/onnx/proto.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";
import type { Runtime } from "../src/runtime/session.ts";
import { secondsOf } from "./measure.ts";

export interface Recording {
  readonly runtime: Runtime;
  /** The model of each session, in the order of opening. */
  readonly models: OnnxModel[];
  /** Seconds that opening each session took: encoding the model and the engine's own preparation. */
  readonly builds: number[];
  /** Seconds of each run of any session. */
  readonly runs: number[];
}

/** ONNX Runtime on Node, with notes. */
export function recordRuns(): Recording {
  const models: OnnxModel[] = [];
  const builds: number[] = [];
  const runs: number[] = [];
  const runtime: Runtime = {
    async open(model, options) {
      const start = performance.now();
      const session = await nodeRuntime.open(model, options);
      builds.push((performance.now() - start) / 1000);
      models.push(model);
      return {
        device: session.device,
        async run(feeds) {
          let results = {};
          runs.push(
            await secondsOf(async () => {
              results = await session.run(feeds);
            }),
          );
          return results;
        },
        close: () => session.close(),
      };
    },
  };
  return { runtime, models, builds, runs };
}
