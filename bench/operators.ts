/** Where the time of a prediction and of a training step goes: by ONNX operator and by block. */
import { presets } from "../src/run/presets.ts";
import type { BenchOptions, Benchmark, Measurement } from "./benchmark.ts";
import { profileNetwork } from "./networkProfile.ts";
import { subject, titleOf, type Subject } from "./networks.ts";
import { blockOf, breakdown } from "./profile.ts";

export const operators: Benchmark = {
  name: "operators",
  about: "where the time goes, by operator and by block, from the engine's profile",
  countsArithmetic: false,
  cases({ quick }) {
    const compact = subject("compact", 128, presets.compact.training.batchSize);
    const subjects = [
      { kind: "prediction", what: subject("paper", 256, 1) },
      { kind: "training", what: subject("paper", 256, 4) },
      { kind: "training", what: compact },
    ] as const;
    return (quick ? subjects.slice(2) : subjects).map(({ kind, what }) => ({
      name: `${kind}, ${titleOf(what)}`,
      run: (options) => run(kind, what, options),
    }));
  },
};

async function run(
  kind: "prediction" | "training",
  what: Subject,
  options: BenchOptions,
): Promise<Measurement> {
  const repeats = options.quick ? 2 : kind === "training" && what.preset === "paper" ? 3 : 8;
  const profile = await profileNetwork(what, kind, repeats, options);
  return {
    rows: [],
    tables: [
      breakdown(profile, "by operator", ({ operator }) => operator, 12),
      breakdown(profile, "by block", blockOf, 20),
    ],
    notes: [
      `${profile.runs} runs with the profiler on; a training run is the session alone, without the optimizer`,
    ],
  };
}
