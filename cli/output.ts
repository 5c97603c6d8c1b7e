/** What commands print: results on stdout, progress on stderr. */
import { SingleBar } from "cli-progress";
import { toJson, type Engine } from "../src/node.ts";

/** Where text goes; `process` is one. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The flags that every command has. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** A bar, or nothing where nobody watches. */
export interface Progress {
  update(done: number, total: number, text?: string): void;
  stop(): void;
}

export interface Output {
  /** In place of ONNX Runtime, for tests. */
  readonly engine?: Engine;
  /** One line on stdout. */
  print(text: string): void;
  /** One line on stderr, unless quiet. */
  tell(flags: CommonFlags, text: string): void;
  /** A progress bar on stderr; silent when quiet, in JSON mode, or when stderr is no terminal. */
  progress(flags: CommonFlags, format: string): Progress;
}

export function createOutput({ stdout, stderr }: Streams, engine?: Engine): Output {
  return {
    ...(engine && { engine }),
    print(text) {
      stdout.write(`${text}\n`);
    },
    tell(flags, text) {
      if (!flags.quiet && !flags.json) stderr.write(`${text}\n`);
    },
    progress(flags, format) {
      if (flags.quiet || flags.json || !stderr.isTTY) return silent;
      const bar = new SingleBar({
        stream: stderr,
        format,
        barCompleteChar: "=",
        barIncompleteChar: " ",
        clearOnComplete: true,
        hideCursor: true,
        barsize: 20,
        gracefulExit: false,
      });
      let running = false;
      return {
        update(done, total, text = "") {
          if (!running) bar.start(total, done, { text });
          running = true;
          bar.setTotal(total);
          bar.update(done, { text });
        },
        stop() {
          if (running) bar.stop();
          running = false;
        },
      };
    },
  };
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

/** A plain counting bar. */
export const countingFormat = (what: string): string => `${what} [{bar}] {value}/{total}`;

/** `95 s`, `12 min`, `3.4 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** `3.1 M`, `35.68 G`. */
export function formatCount(value: number): string {
  const units: readonly [string, number][] = [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ];
  const [unit, size] = units.find(([, each]) => value >= each) ?? ["", 1];
  return unit ? `${(value / size).toFixed(2)} ${unit}` : String(value);
}

/** Columns padded to their widest cell; texts to the left, what begins with a digit to the right. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const numeric = (rows[0] ?? []).map((_, i) => rows.slice(1).every((row) => /^\d/.test(row[i]!)));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** One line of JSON that says what happened, for `--json` of commands that tell events. */
export const jsonLine = (event: string, values: object): string =>
  JSON.stringify(JSON.parse(toJson({ event, ...values })));
