import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { countingFormat, createOutput } from "./output.ts";
import { textTable } from "../src/node.ts";

function written() {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  let seconds = 0;
  const output = createOutput(streams, undefined, () => 1000 * seconds);
  return {
    output,
    at: (time: number): void => {
      seconds = time;
    },
    // One read may give one chunk of several: which, depends on the version of Node.
    text: (name: "stdout" | "stderr"): string => {
      let all = "";
      for (;;) {
        const chunk = streams[name].read() as Buffer | null;
        if (chunk === null) return all;
        all += String(chunk);
      }
    },
  };
}

test("where stderr is no terminal, progress is a line every few seconds, and none of short work", () => {
  const { output, at, text } = written();
  const bar = output.progress({}, countingFormat("reading"));
  for (const [time, done] of [
    [0, 0],
    [4.9, 3],
    [5, 4],
    [6, 5],
    [11, 9],
    [12, 10],
  ] as const) {
    at(time);
    bar.update(done, 10);
  }
  bar.stop();
  expect(text("stderr")).toBe("reading 4/10\nreading 9/10\n");
  expect(text("stdout")).toBe("");
});

test("text beside the progress stands in its line, and quiet and JSON say nothing", () => {
  const { output, at, text } = written();
  const bars = [{}, { quiet: true }, { json: true }].map((flags) =>
    output.progress(flags, "[{bar}] {value}/{total} {text}"),
  );
  at(60);
  for (const bar of bars) bar.update(1, 2, "epoch 1\u001b[2J\nloss 0.5");
  expect(text("stderr")).toBe("1/2 epoch 1\\u001b[2J\\nloss 0.5\n");
});

test("nothing that is printed, told or set in columns is obeyed by a terminal", () => {
  const { output, text } = written();
  output.print('{"name": "a\u001b]0;title\u0007\u009b31m"}');
  output.tell({}, "two\nlines \u202egnp");
  expect(text("stdout")).toBe('{"name": "a\\u001b]0;title\\u0007\\u009b31m"}\n');
  expect(text("stderr")).toBe("two\nlines \\u202egnp\n");
  expect(textTable([["class"], ["a\nb\u001b"]])).toBe("class\na\\nb\\u001b");
});
