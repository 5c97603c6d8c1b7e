/** What this machine offers: devices, threads, memory, versions. */
import { createRequire } from "node:module";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import sharp from "sharp";
import { packageVersion } from "../base/packageVersion.node.ts";
import type { Engine } from "../network/engine.ts";
import type { DeviceProbe } from "../runtime/session.ts";
import { nodeEngine } from "../network/engine.node.ts";

export interface DoctorReport {
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly cpu: string;
  /** Threads that this process may use at a time. */
  readonly threads: number;
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  readonly devices: readonly DeviceProbe[];
}

/** Looks at the machine and tries every device once. */
export async function doctor(engine: Engine = nodeEngine): Promise<DoctorReport> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string): string =>
    (require(`${name}/package.json`) as { version: string }).version;
  return {
    versions: {
      sgdc: packageVersion(),
      node: process.versions.node,
      "onnxruntime-node": versionOf("onnxruntime-node"),
      sharp: sharp.versions.sharp,
      libvips: sharp.versions.vips,
    },
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    devices: await engine.probeDevices(),
  };
}
