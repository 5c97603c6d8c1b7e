/** What commands print: results on stdout, progress on stderr. */
import { SingleBar } from "cli-progress";
import { toJson, visible, visibleLine, type Engine } from "../src/node.ts";

/** Where text goes; `process` is one. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Writes text so that a terminal obeys nothing in it; all that commands say goes through one of these. */
export const writerTo =
  (stream: NodeJS.WritableStream) =>
  (text: string): void => {
    stream.write(visible(text));
  };

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
  /**
   * A progress bar on stderr; where that is no terminal, a line every few seconds, unless `lines` is false.
   * Silent when quiet and in JSON mode.
   */
  progress(flags: CommonFlags, format: string, lines?: boolean): Progress;
}

/** Seconds between lines of progress where there is no bar. */
const secondsBetween = 5;

/** @param now  milliseconds of a clock that never goes back; another one in tests */
export function createOutput(
  { stdout, stderr }: Streams,
  engine?: Engine,
  now: () => number = () => performance.now(),
): Output {
  const [print, tell] = [writerTo(stdout), writerTo(stderr)];
  return {
    ...(engine && { engine }),
    print(text) {
      print(`${text}\n`);
    },
    tell(flags, text) {
      if (!flags.quiet && !flags.json) tell(`${text}\n`);
    },
    progress(flags, format, lines = true) {
      if (flags.quiet || flags.json) return silent;
      if (!stderr.isTTY) return lines ? progressLines(format, tell, now) : silent;
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
          if (!running) bar.start(total, done, { text: visibleLine(text) });
          running = true;
          bar.setTotal(total);
          bar.update(done, { text: visibleLine(text) });
        },
        stop() {
          if (running) bar.stop();
          running = false;
        },
      };
    },
  };
}

/** A line every few seconds, none of what is done sooner. */
function progressLines(format: string, tell: (text: string) => void, now: () => number): Progress {
  let last = now();
  return {
    update(done, total, text = "") {
      if (now() - last < 1000 * secondsBetween) return;
      last = now();
      const fields: Readonly<Record<string, string>> = {
        bar: "",
        value: String(done),
        total: String(total),
        text: visibleLine(text),
      };
      const line = format.replace(/\[?\{(\w+)\}\]?/g, (_, name: string) => fields[name] ?? "");
      tell(`${line.replace(/ +/g, " ").trim()}\n`);
    },
    stop() {
      last = now();
    },
  };
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

/** A plain counting bar. */
export const countingFormat = (what: string): string => `${what} [{bar}] {value}/{total}`;

/** A word for a shell: in quotes if it holds a space or another character that shells act on. */
export function shellWord(word: string): string {
  if (/^[\w./:@%+,=~-]+$/.test(word)) return word;
  if (process.platform === "win32") return `"${word}"`;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

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

/** One line of JSON that says what happened, for `--json` of commands that tell events. */
export const jsonLine = (event: string, values: object): string =>
  JSON.stringify(JSON.parse(toJson({ event, ...values })));
