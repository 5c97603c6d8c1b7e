/** The command line, run in this process on the fake engine. */
import { PassThrough } from "node:stream";
import { runCli } from "../../cli/runCli.ts";
import { fakeEngine } from "./fakeEngine.ts";

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function sgdc(...args: string[]): Promise<Ran> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const code = await runCli(args, streams, fakeEngine());
  const text = (stream: PassThrough): string => String((stream.read() as Buffer | null) ?? "");
  return { code, stdout: text(streams.stdout), stderr: text(streams.stderr) };
}

/** The lines that `--json` prints. */
export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
