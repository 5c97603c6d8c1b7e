/** Parses arguments, runs one command, and turns errors into messages and exit codes. */
import { Command, CommanderError } from "commander";
import { Writable } from "node:stream";
import { ArgumentError, launchedAs, SgdcError, wasTold, type Engine } from "../src/node.ts";
import { compareCommand } from "./compare.ts";
import { crossValidateCommand } from "./crossValidate.ts";
import { dataCommand } from "./data.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { evaluateCommand } from "./evaluate.ts";
import { exportCommand } from "./export.ts";
import { inspectCommand } from "./inspect.ts";
import { Interrupted } from "./interrupt.ts";
import { networksCommand } from "./networks.ts";
import { createOutput, writerTo, type Streams } from "./output.ts";
import { phantomCommand } from "./phantom.ts";
import { predictCommand } from "./predict.ts";
import { Reported } from "./reported.ts";
import { reproduceCommand } from "./reproduce.ts";
import { scoreCommand } from "./score.ts";
import { stressCommand } from "./stress.ts";
import { trainCommand } from "./train.ts";
import { viewCommand } from "./view.ts";
import { packageVersion } from "../src/node.ts";

/** Exit codes: success, failure, wrong usage, Ctrl-C. */
export const exitCodes = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs `sgdc` with these arguments.
 *
 * @param engine  in place of ONNX Runtime, for tests
 * @returns the exit code
 */
export async function runCli(
  args: readonly string[],
  streams: Streams,
  engine?: Engine,
): Promise<number> {
  // Of processes that train together the first talks for all.
  const { rank } = launchedAs(process.env) ?? { rank: 0 };
  const program = buildProgram(rank === 0 ? streams : silent(), engine);
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCodes.success;
  } catch (error) {
    // What only this rank knows it says itself.
    const quiet = rank > 0 && (wasTold(error) || isInterruption(error));
    return report(error, args, quiet ? silent() : streams);
  }
}

const silent = (): Streams => {
  const sink = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  return { stdout: sink, stderr: sink };
};

function buildProgram(streams: Streams, engine: Engine | undefined): Command {
  const program = new Command("sgdc")
    .description("Medical image segmentation with accurate boundaries: SGD-Net.")
    .version(packageVersion())
    .addHelpText(
      "after",
      `
Examples:
  sgdc demo                                    see it work on made-up images
  sgdc train my-images --out runs/first        train on images/ and masks/
  sgdc evaluate runs/first --out runs/first/test
  sgdc predict runs/first photo.jpg --out masks

Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted.`,
    );
  const output = createOutput(streams, engine);
  const commands = [
    demoCommand,
    phantomCommand,
    dataCommand,
    trainCommand,
    crossValidateCommand,
    reproduceCommand,
    evaluateCommand,
    predictCommand,
    viewCommand,
    exportCommand,
    scoreCommand,
    compareCommand,
    stressCommand,
    networksCommand,
    inspectCommand,
    doctorCommand,
  ];
  for (const make of commands) program.addCommand(make(output));
  const all = withSubcommands(program);
  for (const command of all) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureOutput({
        writeOut: writerTo(streams.stdout),
        writeErr: writerTo(streams.stderr),
      });
  }
  // Commands that only hold others take no options.
  for (const command of all.filter(({ commands: inner }) => inner.length === 0)) {
    command
      .option("--json", "machine-readable output on stdout")
      .option("-q, --quiet", "no progress, the result alone")
      .option("--debug", "with an error, show where it came from");
  }
  return program;
}

/** A command and all below it. */
const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];

const isInterruption = (error: unknown): error is Error =>
  error instanceof Interrupted || (error instanceof Error && error.name === "AbortError");

/** Says what went wrong, on stderr; with --json also on stdout as an object. */
function report(error: unknown, args: readonly string[], streams: Streams): number {
  const [print, tell] = [writerTo(streams.stdout), writerTo(streams.stderr)];
  if (error instanceof CommanderError) {
    // Commander has already written help, version or message.
    return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  }
  if (isInterruption(error)) {
    tell(`${error.message}\n`);
    return exitCodes.interrupted;
  }
  if (error instanceof Reported) {
    tell(`error: ${error.message}\n`);
    return exitCodes.failure;
  }
  const { message } = error instanceof Error ? error : { message: String(error) };
  const known = error instanceof SgdcError;
  const hint = known ? "" : " (a fault of sgdc; --debug shows where)";
  tell(`error: ${message}${hint}\n`);
  if (args.includes("--debug") && error instanceof Error) tell(`${error.stack ?? ""}\n`);
  if (args.includes("--json")) {
    const code = known ? error.code : "SGDC_UNKNOWN";
    print(`${JSON.stringify({ error: { code, message } })}\n`);
  }
  return error instanceof ArgumentError ? exitCodes.usage : exitCodes.failure;
}
