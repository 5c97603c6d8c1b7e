/** Which devices work here: each is tried once on a small model and held against known numbers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { OnnxModel } from "../onnx/proto.ts";
import { OPSET } from "../graph/toOnnx.ts";
import { DeviceError, SgdcError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { nodeRuntime } from "./nodeRuntime.node.ts";
import { DEVICES, type ActualDevice, type DeviceName, type DeviceProbe } from "./session.ts";

/** The order in which `auto` tries; the others are used when asked for by name. */
const automatic: readonly ActualDevice[] = ["cuda", "cpu"];

const probes = new Map<ActualDevice, Promise<DeviceProbe>>();

/** Tries a device; the answer is kept for the life of the process. */
export function probeDevice(device: ActualDevice): Promise<DeviceProbe> {
  const known = probes.get(device) ?? tryOut(device);
  probes.set(device, known);
  return known;
}

/**
 * Tries every device, in the order of `DEVICES`, in a process of its own: what a driver or a library writes to the error stream is
 * left there, and one that crashes ends nothing else.
 *
 * @param script  what that process runs; another one in tests
 */
export async function probeDevices(script = ownScript): Promise<DeviceProbe[]> {
  const found: DeviceProbe[] = [];
  for (;;) {
    const left = DEVICES.filter((d) => d !== "auto").slice(found.length);
    const [device] = left;
    if (!device) return found;
    const { lines, end } = await tryApart(script, left);
    found.push(...lines.map((line) => JSON.parse(line) as DeviceProbe));
    // The process ended before it had tried all: the next one is what ended it.
    const lost = left[lines.length];
    if (lost) {
      const detail = `trying it must not end the process, got ${end}`;
      found.push({ device: lost, available: false, detail });
    }
  }
}

const fromSource = import.meta.url.endsWith(".ts");
const ownScript = fileURLToPath(
  new URL(`./devicesProcess.node.${fromSource ? "ts" : "js"}`, import.meta.url),
);

/** The lines that a process of its own writes about these devices, and how it ended. */
async function tryApart(
  script: string,
  devices: readonly string[],
): Promise<{ lines: string[]; end: string }> {
  // From sources (tests, benches) it needs the TypeScript loader as well.
  const tsx = (): string[] => ["--import", createRequire(import.meta.url).resolve("tsx")];
  const child = spawn(process.execPath, [...(fromSource ? tsx() : []), script, ...devices], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { lines: text.split("\n").filter(Boolean), end: signal ?? `exit code ${code ?? "none"}` };
}

/**
 * The device to run on.
 *
 * @param wanted  a device, or `auto`: CUDA if it works, else the CPU
 * @throws {DeviceError} if the wanted device does not work here, naming the reason and the devices that do.
 */
export async function chooseDevice(wanted: DeviceName): Promise<ActualDevice> {
  const candidates = wanted === "auto" ? automatic : [wanted];
  for (const device of candidates) if ((await probeDevice(device)).available) return device;
  const all = await probeDevices();
  const working = all.filter((p) => p.available).map((p) => p.device);
  const reason = all.find((p) => p.device === candidates.at(-1))?.detail ?? "no reason given";
  throw new DeviceError(
    `device ${wanted}: must work on this machine, got: ${reason}; devices that do: ${working.join(", ")}`,
  );
}

// y = relu(x * w): a convolution whose result is known.
const trial: OnnxModel = {
  name: "trial",
  opset: OPSET,
  nodes: [
    {
      opType: "Conv",
      inputs: ["x", "w"],
      outputs: ["c"],
      attributes: { pads: { ints: [1, 1, 1, 1] } },
    },
    { opType: "Relu", inputs: ["c"], outputs: ["y"] },
  ],
  inputs: [{ name: "x", dtype: "float32", shape: [1, 1, 3, 3] }],
  outputs: [{ name: "y", dtype: "float32", shape: [1, 1, 3, 3] }],
  initializers: new Map([["w", tensor([1, 1, 3, 3], [1, 1, 1, 1, 1, 1, 1, 1, 1])]]),
};
const expected = [12, 21, 16, 27, 45, 33, 24, 39, 28];

async function tryOut(device: ActualDevice): Promise<DeviceProbe> {
  const started = performance.now();
  try {
    const session = await nodeRuntime.open(trial, { device });
    const { y } = await session.run({ x: tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]) });
    await session.close();
    const wrong = expected.findIndex((v, i) => Math.abs(Number(y?.data[i]) - v) > 1e-3);
    if (wrong >= 0) {
      const got = String(y?.data[wrong]);
      return {
        device,
        available: false,
        detail: `a trial convolution must give ${expected[wrong]!}, got ${got}`,
      };
    }
    return {
      device,
      available: true,
      detail: `works (tried in ${Math.round(performance.now() - started)} ms)`,
    };
  } catch (error) {
    if (!(error instanceof SgdcError)) throw error;
    return { device, available: false, detail: error.message.replace(/\s+/g, " ") };
  }
}
