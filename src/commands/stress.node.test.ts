import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { fakeEngine, writeRectangles } from "../../test/helpers/fakeEngine.ts";
import { stressRows } from "../report/stressText.ts";
import { evaluate } from "./evaluate.node.ts";
import { stress, type StressOptions } from "./stress.node.ts";
import { train } from "./train.node.ts";

let root: string;
let names: readonly string[];
const engine = fakeEngine();
const at = (...parts: string[]): string => join(root, ...parts);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-stress-"));
  names = await writeRectangles(at("data"), 12);
  await train(
    {
      out: at("run"),
      data: { path: at("data"), size: 64, validation: 0.25, workers: 0 },
      training: { epochs: 12, batchSize: 4, learningRate: 0.3, weightDecay: 0 },
    },
    { engine },
  );
  await writeFile(
    at("kinds.csv"),
    ["name,group", ...names.map((name, i) => `${name},${i % 2 ? "odd <b>" : "even"}`)].join("\n"),
  );
  return () => rm(root, { recursive: true });
}, 60_000);

async function errorOf(action: Promise<unknown>): Promise<Error> {
  try {
    await action;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

test("without shifts it is the evaluation, and the kinds' means make up the whole", async () => {
  const options = { checkpoint: at("run"), part: "all" as const };
  const result = await stress(
    { ...options, kinds: at("kinds.csv"), shifts: ["none"], images: 0 },
    { engine },
  );
  const { summary } = await evaluate(options, { engine });
  const dice = result.cells.filter(({ metric }) => metric === "Dice");
  expect(dice.map(({ kind, images }) => [kind, images])).toEqual([
    ["all", 12],
    ["even", 6],
    ["odd <b>", 6],
  ]);
  expect(dice[0]!.mean).toBeCloseTo(summary.metrics.dice.mean, 12);
  expect((dice[1]!.mean + dice[2]!.mean) / 2).toBeCloseTo(dice[0]!.mean, 12);
  expect(dice[0]!.difference).toBe(0);
  expect(result.seen).toMatchObject({ known: "content", trained: 9, chosen: 3 });
});

test("darkness costs a network that knows bright objects, more the darker; files tell it, names escaped", async () => {
  const done: number[] = [];
  const result = await stress(
    {
      checkpoint: at("run"),
      part: "all",
      kinds: at("kinds.csv"),
      shifts: ["darker"],
      strengths: [1, 0.1],
      images: 6,
      examples: 1,
      out: at("out"),
    },
    { engine, onProgress: (count, total) => done.push(count / total) },
  );
  const own = result.cells.filter(({ metric, kind }) => metric === "Dice" && kind === "all");
  expect(own.map(({ strength, amount }) => [strength, amount])).toEqual([
    [0, undefined],
    [0.1, 0.925],
    [1, 0.25],
  ]);
  expect(own[2]!.difference).toBeLessThan(own[1]!.difference);
  expect(own[2]!.mean).toBeCloseTo(own[2]!.unshifted + own[2]!.difference, 12);
  expect(result.images.map(({ kind }) => kind).sort()).toEqual([
    "even",
    "even",
    "even",
    "odd <b>",
    "odd <b>",
    "odd <b>",
  ]);
  expect(done.at(-1)).toBe(1);
  expect(stressRows(result)[0]).toEqual(["shift", "strength", "amount", "all", "even", "odd <b>"]);
  const json = JSON.parse(await readFile(at("out/stress.json"), "utf8")) as { cells: unknown[] };
  expect(json.cells).toHaveLength(result.cells.length);
  const csv = (await readFile(at("out/stress.csv"), "utf8")).trim().split("\r\n");
  expect(csv).toHaveLength(result.cells.length + 1);
  expect(csv[0]).toBe(
    "shift,strength,amount,unit,kind,metric,images,mean,unshifted,difference,low,high",
  );
  const html = await readFile(at("out/stress.html"), "utf8");
  expect(html.match(/<img src="data:image\/jpeg/g)).toHaveLength(3);
  expect(html).toContain("odd &lt;b&gt;");
  expect(html).not.toContain("odd <b>");
});

test("the same seed draws the same images and the same noise", async () => {
  const options = { checkpoint: at("run"), part: "all" as const, shifts: ["noise" as const] };
  const run = (seed: number) => stress({ ...options, images: 4, strengths: [1], seed }, { engine });
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  expect(again).toEqual(first);
  expect(other.images).not.toEqual(first.images);
});

test("an image without a kind, an unknown shift and a strength beyond 1 are refused", async () => {
  await writeFile(at("few.csv"), `name,group\n${names[0]!},even\n`);
  await writeFile(at("all.csv"), `name,group\n${names.map((name) => `${name},all`).join("\n")}\n`);
  const options = { checkpoint: at("run"), part: "all" as const };
  const few = await errorOf(stress({ ...options, kinds: at("few.csv") }, { engine }));
  expect(few.message).toMatch(
    /few\.csv: must tell the kind of every image, got none for \w+; add a line$/,
  );
  const all = await errorOf(stress({ ...options, kinds: at("all.csv") }, { engine }));
  expect(all.message).toMatch(
    /all\.csv: kinds must have names other than "all", which stands for every image, got it for \w+; rename it$/,
  );
  const wrong = JSON.stringify({ ...options, shifts: ["blurr"], strengths: [2] });
  const unknown = await errorOf(stress(JSON.parse(wrong) as StressOptions, { engine }));
  expect(unknown.message).toContain('got "blurr"; did you mean "blur"?');
  expect(unknown.message).toContain("must be at most 1, got 2");
});
