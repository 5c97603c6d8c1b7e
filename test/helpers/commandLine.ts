/** The command line, run in this process on the fake engine. */
import { Writable } from "node:stream";
import { runCli } from "../../cli/runCli.ts";
import { fakeEngine } from "./fakeEngine.ts";

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function sgdc(...args: string[]): Promise<Ran> {
  const [stdout, stderr] = [collector(), collector()];
  const code = await runCli(args, { stdout: stdout.stream, stderr: stderr.stream }, fakeEngine());
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** A stream that keeps everything written to it, in however many pieces. */
function collector(): { readonly stream: Writable; text(): string } {
  let text = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}

/** The lines that `--json` prints. */
export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
