/** Predictions say when they should not be trusted: `predict` and `evaluate` on images of other kinds. */
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { fakeEngine, writeRectangles } from "../../test/helpers/fakeEngine.ts";
import { sgdc } from "../../test/helpers/commandLine.ts";
import { writeImagePng, writeMaskPng } from "../data/formats/writePng.node.ts";
import { doubtLine } from "../report/doubtText.ts";
import { readCheckpoint, saveCheckpoint } from "../run/checkpoint.node.ts";
import { evaluate } from "./evaluate.node.ts";
import { predict } from "./predict.node.ts";
import { train } from "./train.node.ts";

let root: string;
const engine = fakeEngine();
const at = (...parts: string[]): string => join(root, ...parts);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-doubt-"));
  await writeRectangles(at("data"), 12);
  await writeRectangles(at("same"), 4, 1);
  const side = 64;
  const data = new Uint8Array(3 * side * side).fill(235);
  await writeImagePng(at("pale.png"), { width: side, height: side, data });
  await train(
    {
      out: at("run"),
      data: { path: at("data"), size: 64, validation: 0.25, workers: 0 },
      training: { epochs: 12, batchSize: 4, learningRate: 0.3, weightDecay: 0 },
    },
    { engine },
  );
  return () => rm(root, { recursive: true });
}, 60_000);

test("images like those of the training are not doubtful, an even pale one is, for both reasons", async () => {
  const { images } = await predict(
    { checkpoint: at("run"), inputs: [at("same"), at("pale.png")], out: at("masks") },
    { engine },
  );
  const [pale, ...same] = [...images].reverse();
  expect(same.map(({ doubts }) => doubts)).toEqual(same.map(() => []));
  for (const { expectedDice } of same) {
    expect(expectedDice).toBeGreaterThan(0.5);
    expect(expectedDice).toBeLessThanOrEqual(1);
  }
  expect(pale!.doubts).toEqual(["unlike", "wholeFrame"]);
  expect(pale!.novelty).toBeGreaterThan(1.5);
});

test("the command line names the doubtful ones", async () => {
  const { stdout } = await sgdc(
    "predict",
    at("run"),
    at("pale.png"),
    "--out",
    at("shown"),
    "--quiet",
  );
  expect(stdout).toMatch(
    /pale\.png: 100\.0 % foreground, .*pale_mask\.png; doubtful: unlike the training images, [\d.]+ times as far as usual; nearly all of the image is foreground\n1 of 1 predictions are doubtful: look at them/,
  );
});

test("a checkpoint that does not know its training images says nothing of novelty", async () => {
  const checkpoint = await readCheckpoint(at("run/checkpoints/best.safetensors"), false);
  const { appearance, ...origin } = checkpoint.origin!;
  expect(appearance).toHaveLength(9);
  expect(JSON.stringify(origin)).not.toContain("appearance");
  await saveCheckpoint(at("older.safetensors"), { ...checkpoint, origin });
  const { images } = await predict(
    { checkpoint: at("older.safetensors"), inputs: [at("pale.png")], out: at("older") },
    { engine },
  );
  expect(images[0]).not.toHaveProperty("novelty");
  expect(images[0]!.doubts).toEqual(["wholeFrame"]);
  expect((await readFile(at("older/pale_mask.png"))).length).toBeGreaterThan(0);
});

test("an evaluation says which predictions are doubtful, and whether they are worse; so does its report", async () => {
  // The pale image is labelled with a corner: the network takes all of it.
  const mask = new Uint8Array(64 * 64).map((_, i) => (i % 64 < 8 && i < 8 * 64 ? 1 : 0));
  await writeRectangles(at("mixed"), 4, 1);
  await copyFile(at("pale.png"), at("mixed/images/pale.png"));
  await writeMaskPng(at("mixed/masks/pale.png"), { width: 64, height: 64, data: mask });
  const options = { checkpoint: at("run"), data: at("mixed"), out: at("scores") };
  const { judged, perImage } = await evaluate(options, { engine });
  expect(judged.map(({ name, doubts }) => [name, doubts])).toEqual([
    ...["img_0", "img_1", "img_2", "img_3"].map((name) => [name, []]),
    ["pale", ["unlike", "wholeFrame"]],
  ]);
  const dice = perImage.map(({ scores }) => scores.dice);
  const others = dice.slice(0, 4).reduce((sum, value) => sum + value, 0) / 4;
  const line = new RegExp(
    `1 of 5 predictions are doubtful, mean Dice ${dice[4]!.toFixed(4)}, of the others ${others.toFixed(4)}: ` +
      String.raw`pale \(unlike the training images, [\d.]+; nearly all foreground\)`,
  );
  expect(await readFile(at("scores/report.html"), "utf8")).toMatch(line);
  const { stdout } = await sgdc("evaluate", at("run"), "--data", at("mixed"));
  expect(stdout).toMatch(line);
});

test("an evaluation without a doubtful prediction says so, and what it does not know", async () => {
  const result = await evaluate({ checkpoint: at("run"), data: at("same") }, { engine });
  expect(doubtLine(result.judged, result)).toBe("no prediction is doubtful, of 4 images");
  const older = await evaluate(
    { checkpoint: at("older.safetensors"), data: at("same") },
    { engine },
  );
  expect(doubtLine(older.judged, older)).toBe(
    "no prediction is doubtful, of 4 images; whether the images are like those of the training is not known: the checkpoint does not tell",
  );
});
