/** Small trainings by the built command line, and what of them must be equal bit for bit. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readCheckpoint, runFolder } from "../../src/node.ts";

export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Options of every training here: a tiny one with batch norm, dropout, augmentation, averaging and two micro-batches a batch. */
export const flags = [
  ...["--size", "64", "--batch-size", "4", "--micro-batch", "2", "--epochs", "2", "--seed", "5"],
  ...["--threads", "1", "--workers", "1", "--validation", "0.25", "--no-near-duplicates"],
];

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program. @param watch  told what it has written on stdout so far */
export function run(
  command: readonly string[],
  watch?: (stdout: string, child: ChildProcess) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const [program = "", ...args] = command;
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text: Buffer) => {
      stdout += text.toString();
      watch?.(stdout, child);
    });
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
}

export const sgdc = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  main,
  ...args,
];

/** Everything that a run leaves but times: state, best weights, log. */
export async function resultOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const { best, last, log } = runFolder(folder);
  const untimed = (record: object): string =>
    JSON.stringify({ ...record, seconds: 0, imagesPerSecond: 0 });
  const parts = new Map<string, string>();
  for (const [name, file] of Object.entries({ best, last })) {
    const { progress, tensors } = await readCheckpoint(file);
    const { epoch, step, lastLoss, best: chosen, history } = progress;
    parts.set(`${name}: progress`, JSON.stringify({ epoch, step, lastLoss, chosen }));
    parts.set(`${name}: history`, history.map(untimed).join("\n"));
    for (const [tensor, { data }] of tensors) {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      parts.set(`${name}: ${tensor}`, bytes.toString("base64"));
    }
  }
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  parts.set("log", lines.map((line) => untimed(JSON.parse(line) as object)).join("\n"));
  return parts;
}

/** Names of the parts that differ. */
export const differences = (
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
): string[] => [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
