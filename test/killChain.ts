/**
 * A chain of kills: a training is killed at random moments and resumed, again and again. No file may ever be broken, and what comes
 * out must equal, bit for bit, a training that nobody disturbed.
 *
 *     npx tsx test/killChain.ts [kills, 100] [seed, 1] [folder, a temporary one] [minutes, no end]
 *
 * Not part of `npm test`: a hundred kills take about ten minutes. With a folder it can be ended, also by itself after some minutes,
 * and goes on when it is started again.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atomicWriteFile } from "../src/base/files.node.ts";
import { phantom, readCheckpoint, runFolder, type Checkpoint } from "../src/node.ts";
import { Random } from "../src/index.ts";

const [kills = 100, seed = 1] = process.argv.slice(2, 4).map(Number);
const minutes = Number(process.argv[5] ?? Infinity);
const began = performance.now();
const root = process.argv[4] ?? (await mkdtemp(join(tmpdir(), "sgdc-kills-")));
const cli = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const data = join(root, "data");
/** So many that hardly a process comes to the end before the last kill: one gets on by a step or so. */
const epochs = kills;
const flags = [
  ...["--size", "64", "--batch-size", "4", "--epochs", String(epochs), "--seed", "5"],
  ...["--threads", "1", "--workers", "1", "--validation", "0.25", "--no-near-duplicates"],
  // So short that every step writes a checkpoint.
  ...["--checkpoint-minutes", "1e-9", "--json"],
];

interface Outcome {
  readonly code: number | null;
  readonly killed: boolean;
  readonly stderr: string;
  /** Between its first step and its last. */
  readonly stepMs: number;
}

/**
 * Runs the command line, and kills it some time after its first step; how long a process needs to start is no interesting moment,
 * so that one of four is killed from its start on instead.
 *
 * @param killAfter  milliseconds; undefined: not at all
 */
function sgdc(args: readonly string[], killAfter?: number, fromStart = false): Promise<Outcome> {
  const times: number[] = [];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", cli, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    let armed = false;
    const arm = (): void => {
      if (armed || killAfter === undefined) return;
      armed = true;
      setTimeout(() => child.kill("SIGKILL"), killAfter);
    };
    if (fromStart) arm();
    child.stdout.on("data", (text: Buffer) => {
      if (!text.includes('"event":"step"')) return;
      times.push(performance.now());
      arm();
    });
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const stepMs = (times.at(-1)! - times[0]!) / (times.length - 1);
      resolve({ code, killed: signal === "SIGKILL", stderr, stepMs });
    });
  });
}

/** Everything in a run's files that is no time of the clock. @throws if a file is broken */
async function outcomeOf(run: string): Promise<Map<string, string>> {
  const { best, last, log, config, split } = runFolder(run);
  const parts = new Map<string, string>();
  const untimed = (record: object): string =>
    JSON.stringify({ ...record, seconds: 0, imagesPerSecond: 0 });
  for (const [name, file] of Object.entries({ best, last })) {
    const checkpoint: Checkpoint | undefined = await readCheckpoint(file).catch(
      (error: unknown) => {
        if (/no such file/.test((error as Error).message)) return undefined;
        throw error;
      },
    );
    if (!checkpoint) continue;
    const { progress, tensors } = checkpoint;
    parts.set(`${name}: place`, `${progress.epoch} ${progress.step} ${progress.lastLoss ?? ""}`);
    parts.set(`${name}: best`, JSON.stringify(progress.best));
    parts.set(`${name}: history`, progress.history.map(untimed).join("\n"));
    for (const [tensor, { data: values }] of tensors) {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      parts.set(`${name}: ${tensor}`, bytes.toString("base64"));
    }
  }
  const text = async (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
  const lines = (await text(log)).trim().split("\n").filter(Boolean);
  parts.set("log", lines.map((line) => untimed(JSON.parse(line) as object)).join("\n"));
  for (const file of [config, split]) if (await text(file)) JSON.parse(await text(file));
  parts.set("split", await text(split));
  return parts;
}

const whole = join(root, "whole");
const chain = join(root, "chain");

/** How far it has come; in the folder, so that it can go on. */
interface State {
  readonly kills: number;
  readonly seed: number;
  readonly stepMs: number;
  readonly done: number;
  /** Processes that came to the end of the training before they were killed. */
  readonly ended: number;
}
const stateFile = join(root, "state.json");
const write = (state: State): Promise<void> => atomicWriteFile(stateFile, JSON.stringify(state));

async function begin(): Promise<State> {
  const before = await readFile(stateFile, "utf8").catch(() => undefined);
  if (before !== undefined) {
    const state = JSON.parse(before) as State;
    if (state.kills === kills && state.seed === seed) return state;
    throw new Error(`${stateFile} is of ${state.kills} kills and seed ${state.seed}`);
  }
  await phantom({ out: data, count: 12, size: 72, seed: 3 });
  const { code, stderr, stepMs } = await sgdc(["train", data, "--out", whole, ...flags]);
  if (code !== 0) throw new Error(`the undisturbed run failed: ${stderr}`);
  const state = { kills, seed, stepMs, done: 0, ended: 0 };
  await write(state);
  return state;
}

const { stepMs, ...from } = await begin();
let { done, ended } = from;
while (done < kills) {
  if (performance.now() - began > minutes * 60_000) {
    process.stdout.write(`${done} of ${kills} kills, no broken file; start it again to go on\n`);
    process.exit(0);
  }
  const random = Random.of("killChain", seed, done + ended);
  const started = (await readdir(chain).catch(() => [])).some((name) =>
    /^c(onfig|heck)/.test(name),
  );
  const args = started ? ["--out", chain, "--resume", "--json"] : [data, "--out", chain, ...flags];
  const fromStart = random.chance(0.25);
  const wait = random.next() * (fromStart ? 6000 : 2.5 * stepMs);
  const { killed, code, stderr } = await sgdc(["train", ...args], wait, fromStart);
  if (!killed && code !== 0) throw new Error(`kill ${done}: resuming failed: ${stderr}`);
  // Reading names whatever is broken.
  const now = await outcomeOf(chain);
  if (killed) done++;
  else ended++;
  await write({ kills, seed, stepMs, done, ended });
  if (ended > 3) break;
  if (killed) process.stdout.write(`kill ${done}: at ${now.get("last: place") ?? "nothing yet"}\n`);
}
const end = await sgdc(["train", "--out", chain, "--resume", "--json"]);
if (end.code !== 0) throw new Error(`the last resume failed: ${end.stderr}`);
const [expected, got] = [await outcomeOf(whole), await outcomeOf(chain)];
const wrong = [...expected]
  .filter(([name, value]) => got.get(name) !== value)
  .map(([name]) => name);
const left = [...(await readdir(chain)), ...(await readdir(join(chain, "checkpoints")))].filter(
  (name) => name.startsWith("."),
);
process.stdout.write(
  `${done} kills, no broken file; ${expected.size - wrong.length} of ${expected.size} parts equal bit for bit; leftovers: ${left.join(", ") || "none"}\n`,
);
if (wrong.length > 0) process.stdout.write(`different: ${wrong.slice(0, 10).join(", ")}\n`);
if (process.argv[4] === undefined) await rm(root, { recursive: true });
process.exitCode = wrong.length + left.length > 0 || done < kills ? 1 : 0;
