import { expect, test } from "vitest";
import { countingFormat, progressLines } from "./output.ts";

test("where nobody sees a bar, a line comes every five seconds", () => {
  const lines: string[] = [];
  let seconds = 0;
  const progress = progressLines(
    { write: (text: string) => lines.push(text) },
    countingFormat("evaluating"),
    () => 1000 * seconds,
  );
  for (let done = 1; done <= 24; done++, seconds += 0.5) progress.update(done, 594);
  // At 5 and at 10 seconds.
  expect(lines).toEqual(["evaluating 11/594\n", "evaluating 21/594\n"]);
});

test("what is quick says nothing, and a training's line has its text", () => {
  const lines: string[] = [];
  let seconds = 0;
  const write = (text: string) => lines.push(text);
  const progress = progressLines({ write }, "[{bar}] {value}/{total} {text}", () => 1000 * seconds);
  progress.update(1, 9, "epoch 1");
  seconds = 4;
  progress.update(9, 9, "epoch 1");
  progress.stop();
  seconds = 8;
  progress.update(1, 9, "epoch 2");
  expect(lines).toEqual([]);
  seconds = 13;
  progress.update(5, 9, "epoch 2");
  expect(lines).toEqual(["5/9 epoch 2\n"]);
});
