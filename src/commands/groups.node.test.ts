import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeEngine, writeRectangles } from "../../test/helpers/fakeEngine.ts";
import { compare, formatComparison } from "./compare.node.ts";
import { crossValidate } from "./crossValidate.node.ts";
import { evaluate } from "./evaluate.node.ts";
import { score } from "./score.node.ts";

let root: string;
const engine = fakeEngine();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-groups-"));
  const names = await writeRectangles(join(root, "data"), 12);
  // Patients of three images each.
  const lines = names.map((name, i) => `${name},patient ${Math.floor(i / 3)}`);
  await writeFile(join(root, "patients.csv"), ["name,group", ...lines].join("\n"));
  await crossValidate(
    {
      out: join(root, "cv"),
      data: { path: join(root, "data"), size: 64, validation: 0.4, workers: 0 },
      training: { epochs: 1, batchSize: 3, learningRate: 0.3 },
      protocol: { folds: 2, group: join(root, "patients.csv") },
    },
    { engine },
  );
});
afterAll(() => rm(root, { recursive: true }));

const json = async (path: string): Promise<unknown> =>
  JSON.parse(await readFile(join(root, path), "utf8"));

test("a cross-validation draws whole patients for its intervals, and says so", async () => {
  expect(await json("cv/scores.json")).toMatchObject({
    summary: { images: 12, bootstrap: { groups: 4 } },
    folds: { bootstrap: { groups: 4 } },
    perImage: expect.arrayContaining([
      expect.objectContaining({ name: "img_4", group: "patient 1" }),
    ]) as unknown,
  });
  const text = "interval of that mean by the bootstrap over 4 groups of images";
  expect(await readFile(join(root, "cv/report.md"), "utf8")).toContain(text);
  expect(await readFile(join(root, "cv/report.html"), "utf8")).toContain(text);
});

test("an evaluation with the split of a run knows its groups", async () => {
  const { summary, perImage } = await evaluate(
    { checkpoint: join(root, "cv/fold-1"), part: "all", out: join(root, "all") },
    { engine },
  );
  expect(summary.bootstrap).toEqual({ resamples: 2000, confidence: 0.95, seed: 0, groups: 4 });
  expect(perImage.every(({ group }) => group?.startsWith("patient "))).toBe(true);
  expect(await readFile(join(root, "all/report.html"), "utf8")).toContain(
    "95 % of the mean, by bootstrap over 4 groups of images (2000 resamples, seed 0)",
  );
});

test("two runs are compared over the groups that their files tell", async () => {
  const result = await compare({ a: join(root, "cv"), b: join(root, "all"), metrics: ["dice"] });
  expect(result.bootstrap.groups).toBe(4);
  // All signs of four patients.
  expect(result.metrics[0]!.signFlip).toMatchObject({ method: "exact", flips: 16 });
  const text = formatComparison(result);
  expect(text).toContain("by bootstrap over 4 groups of images");
  expect(text).toContain("p: signs are flipped of whole groups");
});

test("masks without a data set have no groups", async () => {
  const masks = join(root, "data/masks");
  const result = await score({ pred: masks, truth: masks });
  expect(result.summary.bootstrap).toEqual({ resamples: 2000, confidence: 0.95, seed: 0 });
});

test("a unit beside a spacing is refused", async () => {
  const masks = join(root, "data/masks");
  await expect(score({ pred: masks, truth: masks, spacing: [1, 1], unit: "px" })).rejects.toThrow(
    'unit (--unit) must not be given with --spacing, got "px"; leave one of them out',
  );
});
