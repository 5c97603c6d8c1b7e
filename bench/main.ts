/**
 * The benchmarks: speed and memory, each against the matrix-product rate measured around it in the same process.
 *
 *     npm run bench                                    all of them
 *     npm run bench -- predict train --json out.json   some of them, and the figures as JSON
 *     npm run bench -- --quick                         to see that they run; the figures say little
 */
import { fork } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Argument, Command, InvalidArgumentError } from "commander";
import { atomicWriteFile } from "../src/base/files.node.ts";
import { InternalError } from "../src/base/errors.ts";
import type { BenchOptions, CaseReport } from "./benchmark.ts";
import { benchmarks } from "./benchmarks.ts";
import type { ChildTask } from "./child.ts";
import { machine } from "./machine.ts";
import { ratesOf, showCase, showMachine, showTargets } from "./report.ts";

interface Flags extends BenchOptions {
  readonly json?: string;
}

const command = new Command("bench")
  .description("Speed and memory against the matrix-product rate of the same machine")
  .addArgument(
    new Argument("[names...]", "which benchmarks; default all").choices(
      benchmarks.map(({ name }) => name),
    ),
  )
  .option("--json <file>", "also write the figures to this file")
  .option("--quick", "fewer repeats and smaller work, to see that everything runs", false)
  .option("--threads <number>", "threads of every session, 0 for one a core", wholeNumber, 0)
  .addHelpText(
    "after",
    `\n${benchmarks.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n")}`,
  )
  .action((names: string[], flags: Flags) => runAll(names, flags));
await command.parseAsync();

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError(`must be a whole number of at least 0, got ${text}`);
}

/** Runs the cases one after another, each in its own process; a failed one is told and ends nothing. */
async function runAll(names: readonly string[], { quick, threads, json }: Flags): Promise<void> {
  const options: BenchOptions = { quick, threads };
  const chosen = benchmarks.filter(({ name }) => names.length === 0 || names.includes(name));
  const facts = machine();
  const began = performance.now();
  console.log(showMachine(facts, threads));
  if (quick) console.log("quick run: too short for figures to rely on");

  const reports: CaseReport[] = [];
  const failures: string[] = [];
  for (const benchmark of chosen) {
    for (const { name } of benchmark.cases(options)) {
      try {
        const report = await runChild({ benchmark: benchmark.name, case: name, options });
        reports.push(report);
        console.log(`\n${showCase(report)}`);
      } catch (error) {
        failures.push(`${benchmark.name}: ${name}`);
        console.error(`\nerror: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  const seconds = (performance.now() - began) / 1000;
  if (reports.some(({ rows }) => rows.some(({ target }) => target))) {
    console.log(`\n${showTargets(reports)}`);
  }
  console.log(
    `\ntook ${seconds.toFixed(0)} s; for PyTorch on the same machine, alone and after this:`,
  );
  const python = `  python scripts/reference/benchmark.py --threads ${threads || facts.cores}`;
  console.log(`${python}\n${python} --network compact --size 128 --batch 8 --only train`);
  if (json !== undefined) {
    const cases = reports.map((report) => ({
      ...report,
      rows: report.rows.map((row) => ({ ...row, ...ratesOf(row, report.ceiling) })),
    }));
    const all = { machine: facts, options, seconds, cases, failures };
    await atomicWriteFile(resolve(json), `${JSON.stringify(all, null, 2)}\n`);
  }
  if (failures.length > 0) {
    console.error(
      `error: every case must succeed, got ${failures.length} failed: ${failures.join("; ")}`,
    );
    process.exitCode = 1;
  }
}

/** @throws {InternalError} if the process ends without a report. */
function runChild(task: ChildTask): Promise<CaseReport> {
  const child = fork(
    fileURLToPath(new URL("./child.ts", import.meta.url)),
    [JSON.stringify(task)],
    {
      execArgv: ["--import", import.meta.resolve("tsx")],
      // Times that are not finite stay what they are.
      serialization: "advanced",
    },
  );
  return new Promise((fulfil, reject) => {
    let report: CaseReport | undefined;
    child.on("message", (message) => {
      report = message as CaseReport;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (report) fulfil(report);
      else {
        reject(
          new InternalError(
            `${task.benchmark}: ${task.case} must end with a report, got ${signal ?? `exit code ${code}`}`,
          ),
        );
      }
    });
  });
}
