/** What all commands repeat: flags by a schema, progress, Ctrl-C, and the result as JSON or as text. */
import { Command } from "commander";
import { ArgumentError, toJson, type Engine, type OptionLeaf } from "../src/node.ts";
import { addFlags, readFlags, type Schema } from "./flags.ts";
import { interruptible } from "./interrupt.ts";
import { countingFormat, type CommonFlags, type Output } from "./output.ts";

/** Values of flags by the names that Commander gives them. */
export type Flags = CommonFlags & Readonly<Record<string, unknown>>;

/** What a command hands to the function that does its work, besides listeners. */
export interface Hooks {
  readonly signal: AbortSignal;
  /** In place of ONNX Runtime, for tests. */
  readonly engine?: Engine;
}

/** A bar that counts. */
export interface Counter extends Listeners {
  readonly onProgress: (done: number, total: number) => void;
}

/** An argument without a flag: the option it fills, its form in the help, and what it is. */
export type Positional = readonly [key: string, form: string, about: string];

/** What shows how a command gets on. */
export interface Listeners {
  /** Takes bars away. */
  readonly stop: () => void;
}

export interface CommandText<Result> {
  readonly name: string;
  readonly about: string;
  readonly examples: readonly string[];
  /** What else the help says. */
  readonly notes?: string;
  /** In order. One in square brackets may be given as a flag instead. */
  readonly positional?: readonly Positional[];
  /** The run heeds its signal: what Ctrl-C is answered with, perhaps nothing. Without this Ctrl-C ends the process at once. */
  readonly interrupted?: string;
  /** The result for people; nothing is printed if it is empty. */
  readonly text: (result: Result) => string;
  /** The result for programs; default all of it. */
  readonly json?: (result: Result) => string;
  /** Throws what the exit code is to say, when the result has been printed. */
  readonly verdict?: (result: Result) => void;
}

/** A command whose options are those of one schema, and whose progress is a count. */
export interface SimpleCommand<Options extends object, Result> extends CommandText<Result> {
  readonly schema: Schema;
  /** The heading of the help under which a flag stands; default that of all options. */
  readonly group?: (leaf: OptionLeaf) => string | undefined;
  /** What is counted, e.g. `scoring`; default nothing. */
  readonly counting?: string;
  readonly run: (options: Options, hooks: Counter & Hooks) => Result | Promise<Result>;
}

/** A command with flags and progress of its own. */
export interface OwnCommand<
  Options extends object,
  Own extends Listeners,
  Result,
> extends CommandText<Result> {
  readonly addFlags: (command: Command) => void;
  /** @param given  the positional arguments by the options that they fill */
  readonly read: (
    flags: Flags,
    given: Readonly<Record<string, unknown>>,
  ) => Options | Promise<Options>;
  readonly listen: (flags: Flags, output: Output) => Own;
  readonly run: (options: Options, hooks: Own & Hooks) => Result | Promise<Result>;
}

export function simpleCommand<Options extends object, Result>(
  { schema, group, counting, run, ...text }: SimpleCommand<Options, Result>,
  output: Output,
): Command {
  const positional = text.positional ?? [];
  const except = positional.filter(([, form]) => !isOptional(form)).map(([key]) => key);
  return ownCommand<Options, Counter, Result>(
    {
      ...text,
      addFlags(command) {
        const optional = positional.map(([key]) => key);
        addFlags(command, schema, { except, optional, ...(group && { group }) });
      },
      // What does not fit the schema is refused by the function that is called.
      read: (flags, given) => ({ ...readFlags(flags, schema, except), ...given }) as Options,
      listen(flags) {
        const bar =
          counting === undefined ? undefined : output.progress(flags, countingFormat(counting));
        return {
          onProgress(done, total) {
            bar?.update(done, total);
          },
          stop() {
            bar?.stop();
          },
        };
      },
      run,
    },
    output,
  );
}

export function ownCommand<Options extends object, Own extends Listeners, Result>(
  spec: OwnCommand<Options, Own, Result>,
  output: Output,
): Command {
  const { positional = [], text, json = (result) => toJson(result).trimEnd() } = spec;
  const command = new Command(spec.name).description(spec.about);
  for (const [, form, about] of positional) command.argument(form, about);
  spec.addFlags(command);
  const examples = spec.examples.map((line) => `\n  ${line}`).join("");
  const notes = spec.notes === undefined ? "" : `\n\n${spec.notes}`;
  command.addHelpText("after", `\nExamples:${examples}${notes}`);
  return command.action(async () => {
    const flags: Flags = command.opts();
    const options = await spec.read(flags, givenOf(command.processedArgs, positional, flags));
    const listeners = spec.listen(flags, output);
    const { engine } = output;
    const start = async (signal: AbortSignal): Promise<Result> =>
      spec.run(options, { ...listeners, signal, ...(engine && { engine }) });
    const { interrupted } = spec;
    const tell = (): void => {
      if (interrupted) output.tell(flags, `\n${interrupted}`);
    };
    let result: Result;
    try {
      result = await (interrupted === undefined
        ? start(new AbortController().signal)
        : interruptible(tell, start));
    } finally {
      listeners.stop();
    }
    const shown = flags.json ? json(result) : text(result);
    if (shown !== "") output.print(shown);
    spec.verdict?.(result);
  });
}

const isOptional = (form: string): boolean => form.startsWith("[");

/** The arguments that were given without a flag; giving one twice is refused. */
function givenOf(
  values: readonly unknown[],
  positional: readonly Positional[],
  flags: Flags,
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [i, [key]] of positional.entries()) {
    const value = values[i];
    const absent = value === undefined || (Array.isArray(value) && value.length === 0);
    if (absent) continue;
    if (flags[key] !== undefined)
      throw new ArgumentError(
        `${key} must be given once, got ${JSON.stringify(value)} and --${key}; leave one of them out`,
      );
    given[key] = value;
  }
  return given;
}
