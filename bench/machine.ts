/** What the figures were taken on. */
import { availableParallelism, cpus, totalmem } from "node:os";
import { engineVersion } from "../src/runtime/nodeRuntime.node.ts";

export interface Machine {
  readonly cpu: string;
  /** Threads that this process may use at a time. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly date: string;
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  onnxruntime: engineVersion(),
  date: new Date().toISOString(),
});
