/** Runs one case, with the ceiling before and after it, and sends the report to the parent process. */
import { ArgumentError } from "../src/base/errors.ts";
import type { BenchOptions, CaseReport } from "./benchmark.ts";
import { benchmarks } from "./benchmarks.ts";
import { ceilingOf, matmulRates } from "./ceiling.ts";

/** What the parent gives, as JSON in the first argument. */
export interface ChildTask {
  readonly benchmark: string;
  readonly case: string;
  readonly options: BenchOptions;
}

const task = JSON.parse(process.argv[2] ?? "{}") as ChildTask;
const benchmark = benchmarks.find(({ name }) => name === task.benchmark);
const found = benchmark?.cases(task.options).find(({ name }) => name === task.case);
if (!benchmark || !found || !process.send) {
  throw new ArgumentError(`bench: child.ts must be started by main.ts, got ${process.argv[2]}`);
}

const ratesNow = () => (benchmark.countsArithmetic ? matmulRates(task.options) : null);
const before = await ratesNow();
const measurement = await found.run(task.options);
const peakMemoryBytes = 1024 * process.resourceUsage().maxRSS;
const after = await ratesNow();
const report: CaseReport = {
  benchmark: task.benchmark,
  case: task.case,
  ceiling: before && after && ceilingOf(before, after),
  peakMemoryBytes,
  ...measurement,
};
process.send(report, () => {
  process.disconnect();
});
