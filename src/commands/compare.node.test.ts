import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { scoreClasses } from "../metrics/scoreClasses.ts";
import { scoreInstances } from "../metrics/scoreInstances.ts";
import { scorePair } from "../metrics/scorePair.ts";
import type { PairOptions } from "../metrics/scorePair.ts";
import { summariseRows } from "../score/scores.ts";
import { foregroundOf } from "../tensor/raster.ts";
import { toJson } from "../base/toJson.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { compare, formatComparison } from "./compare.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-compare-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const truth = drawnMask("....\n.##.\n....");
const masks = {
  none: drawnMask("....\n....\n...."),
  half: drawnMask("....\n.#..\n...."),
  all: truth,
};
type Named = Readonly<Record<string, keyof typeof masks>>;

/** Writes a file of scores as `evaluate` does. */
async function scores(path: string, images: Named, options: PairOptions = {}): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  const perImage = Object.entries(images).map(([name, mask]) => ({
    name,
    scores: scorePair(masks[mask], truth, options),
  }));
  await writeFile(file, toJson({ perImage }));
  return file;
}

test("images are paired by name; the others are named and left out", async () => {
  const a = await scores("a/scores.json", { x: "half", y: "none", z: "all" });
  const b = await scores("b/scores.json", { y: "half", x: "all", new: "all" });
  const result = await compare({ a: join(folder, "a"), b: join(folder, "b") });
  expect(result).toMatchObject({ a, b, images: 2, onlyA: ["z"], onlyB: ["new"], unit: "px" });
  const of = (name: string) => result.metrics.find(({ metric }) => metric === name)!;
  expect(of("dice")).toMatchObject({ count: 2, wins: 2, losses: 0, equal: 0, kind: "share" });
  expect(of("dice").difference).toBeCloseTo((1 / 3 + 2 / 3) / 2, 14);
  // Of distances the smaller is the better.
  expect(of("hausdorff")).toMatchObject({ wins: 2, losses: 0, larger: 0, meanA: 3, meanB: 0.5 });
  expect(result.metrics.map(({ metric }) => metric)).toContain("boundaryF");
  const text = formatComparison(result).split("\n");
  expect(text.find((line) => line.startsWith("Dice"))).toMatch(
    /^Dice +0\.3333 +0\.8333 +0\.5000 +0\.3333 to 0\.6667 +2 \/ 0 \/ 0 +0\.5000 +0\.5000 +2$/,
  );
  expect(text).toContain("2 images in both");
  expect(text).toContain("only in a, left out: 1 (z)");
  expect(text).toContain("only in b, left out: 1 (new)");
});

test("instances are compared beside the foreground, whichever of them stands first", async () => {
  const map = (ids: readonly number[]) => ({
    ...{ width: 4, height: 1, instances: Int32Array.from(ids) },
    classes: Uint8Array.from(ids, (id) => Math.min(id, 1)),
  });
  const pq = (ids: readonly number[]) => [
    { name: "x", scores: scoreInstances(map(ids), map([1, 1, 2, 2])) },
  ];
  const foreground = [{ name: "x", scores: scorePair(masks.half, truth) }];
  const [evaluated, scored] = ["evaluated.json", "scored.json"].map((name) => join(folder, name));
  await writeFile(
    evaluated!,
    toJson({ perImage: foreground, instances: { perImage: pq([1, 1, 2, 2]) } }),
  );
  await writeFile(
    scored!,
    toJson({ perImage: pq([1, 1, 0, 0]), foreground: { perImage: foreground } }),
  );
  const { metrics, unit } = await compare({ a: evaluated!, b: scored!, metrics: ["pq", "dice"] });
  expect(unit).toBe("px");
  expect(metrics.map(({ metric, difference }) => [metric, difference])).toEqual([
    ["pq", 2 / 3 - 1],
    ["dice", 0],
  ]);
});

test("a run's folder may hold its scores in one folder; metrics can be chosen", async () => {
  await scores("run/test/scores.json", { x: "half" });
  const b = await scores("b.json", { x: "all" });
  const result = await compare({ a: join(folder, "run"), b, metrics: ["iou"] });
  expect(result.metrics.map(({ metric }) => metric)).toEqual(["iou"]);
  await scores("run/again/scores.json", { x: "half" });
  await expectRejection(
    compare({ a: join(folder, "run"), b }),
    ArgumentError,
    `${join(folder, "run")}: must hold one scores.json, got ${join(folder, "run/again/scores.json")}, ` +
      `${join(folder, "run/test/scores.json")}; give one of them`,
  );
});

test("numbers that do not exist come back as NaN and infinity", async () => {
  const a = await scores("a.json", { x: "none", y: "half" }, { empty: "skip" });
  const result = await compare({ a, b: a, metrics: ["hd95"] });
  expect(result.metrics[0]).toMatchObject({ count: 1, equal: 1 });
  const far = await scores("far.json", { x: "none", y: "half" }, { empty: "infinity" });
  const infinite = await compare({ a: far, b: far, metrics: ["hd95"] });
  expect(infinite.metrics[0]).toMatchObject({ meanA: Infinity, difference: 0, equal: 2 });
});

test("means over classes are compared where there are several", async () => {
  const row = (dice: number) => ({
    perImage: [{ name: "x", scores: { perClass: [{ unit: "mm" }], mean: { dice } } }],
  });
  await writeFile(join(folder, "a.json"), toJson(row(0.5)));
  await writeFile(join(folder, "b.json"), toJson(row(0.75)));
  const result = await compare({ a: join(folder, "a.json"), b: join(folder, "b.json") });
  expect(result.metrics.map(({ difference }) => difference)).toEqual([0.25]);
  expect(result.unit).toBe("mm");
});

test("files that cannot be compared are refused", async () => {
  const a = await scores("a.json", { x: "half" });
  const refused = (b: string, message: string) =>
    expectRejection(compare({ a, b }), DataError, message);
  const other = await scores("other.json", { y: "half" });
  await refused(
    other,
    `${other}: must share images with ${a}, got none of the same name (y and x, for example); ` +
      `score both runs on the same images`,
  );
  const mm = await scores("mm.json", { x: "half" }, { spacingMm: { y: 1, x: 1 } });
  await refused(
    mm,
    `${mm}: unit must be as in ${a}, px, got mm; score both runs with the same options`,
  );
  const skip = await scores("skip.json", { x: "half" }, { empty: "skip" });
  await refused(
    skip,
    `${skip}: emptyPolicy must be as in ${a}, diagonal, got skip; score both runs with the same options`,
  );
  const file = async (text: string) => {
    await writeFile(join(folder, "bad.json"), text);
    return join(folder, "bad.json");
  };
  await refused(
    await file('{"perImage": [{"name": "x", "scores": {"unit": "px"}}]}'),
    `${join(folder, "bad.json")}: emptyPolicy must be as in ${a}, diagonal, got none; ` +
      `score both runs with the same options`,
  );
  const bad = await file('{"perImage": [{"name": 3}]}');
  await expect(compare({ a, b: bad })).rejects.toThrow(
    `${bad}: must hold scores as evaluate writes them (perImage: name and scores), got a fault at perImage.0.`,
  );
  await expect(compare({ a, b: await file("{") })).rejects.toThrow(`${bad}: must be JSON, got `);
  await refused(
    await file('{"perImage": [{"name": "x", "scores": {}}, {"name": "x", "scores": {}}]}'),
    `${bad}: every image must occur once, got x twice`,
  );
  await mkdir(join(folder, "empty"));
  await refused(
    join(folder, "empty"),
    `${join(folder, "empty")}: must hold scores.json, directly or in one of its folders, got none; ` +
      `evaluate the run with --out first`,
  );
  await refused(
    join(folder, "nope"),
    `${join(folder, "nope")}: must be scores.json or a folder that holds it, got no such file or ` +
      `folder (ENOENT)`,
  );
  await expectRejection(
    compare({ a, b: a, metrics: ["pq"] }),
    ArgumentError,
    "metrics (--metrics) must be in both files, got pq; there are dice, iou, hd95, hd95Pooled, " +
      "hausdorff, assd, masd, sensitivity, specificity, precision, nsd, boundaryIou, boundaryF, " +
      "thresholdedJaccard, miouMacro",
  );
});

test("files without a common metric are refused", async () => {
  const bare = (name: string) =>
    JSON.stringify({ perImage: [{ name: "x", scores: { [name]: 1 } }] });
  const [a, b] = [join(folder, "a.json"), join(folder, "b.json")];
  await writeFile(a, bare("dice"));
  await writeFile(b, bare("pq"));
  await expectRejection(
    compare({ a, b }),
    DataError,
    `${b}: must share metrics with ${a}, got none; score both runs alike`,
  );
});

test("means over the classes that an image holds are compared if asked for", async () => {
  const labels = (ids: string) => ({
    width: ids.length,
    height: 1,
    classes: Uint8Array.from(ids, Number),
  });
  const put = async (name: string, prediction: string): Promise<string> => {
    const [p, t] = [labels(prediction), labels("1120")];
    const rows = {
      perImage: [{ name: "x", scores: scorePair(foregroundOf(p), foregroundOf(t)) }],
      classes: [{ name: "x", scores: scoreClasses(p, t, { classes: 3 }) }],
    };
    await writeFile(join(folder, name), toJson(summariseRows(rows)));
    return join(folder, name);
  };
  const [a, b] = [await put("a.json", "1110"), await put("b.json", "1120")];
  const meanOf = async (classes: boolean) => {
    const { metrics } = await compare({ a, b, classes, metrics: ["dice"] });
    return [metrics[0]!.meanA, metrics[0]!.meanB];
  };
  // The foreground is right in both; of the two classes one has 2 * 2 / 5, the other 0.
  expect(await meanOf(false)).toEqual([1, 1]);
  expect(await meanOf(true)).toEqual([0.4, 1]);
  const plain = await scores("plain.json", { x: "all" });
  await expectRejection(
    compare({ a: plain, b, classes: true }),
    DataError,
    `${plain}: must hold scores of several classes for --classes, got none; leave --classes out`,
  );
});

test("further runs are compared with the first, and p-values corrected for how many there are", async () => {
  const names = Array.from({ length: 6 }, (_, i) => `image-${i}`);
  const all = (mask: keyof typeof masks) =>
    Object.fromEntries(names.map((name) => [name, mask] as const));
  const a = await scores("a.json", all("none"));
  const b = await scores("b.json", all("half"));
  const c = await scores("c.json", { ...all("all"), extra: "all" });
  const alone = await compare({ a, b: c, metrics: ["dice"] });
  const result = await compare({ a, b, more: [c], metrics: ["dice"] });
  expect(result.b).toBe(b);
  expect(result.more).toHaveLength(1);
  const [third] = result.more![0]!.metrics;
  expect(third).toMatchObject({ meanA: 0, meanB: 1, wilcoxon: alone.metrics[0]!.wilcoxon });
  // All six signs agree in both comparisons: 2 / 2^6, times the two of them.
  expect(alone.metrics[0]!.signFlip.p).toBeCloseTo(2 / 64, 12);
  expect(third!.corrected!.signFlip).toBeCloseTo(4 / 64, 12);
  expect(alone.metrics[0]!.corrected).toBeUndefined();
  const text = formatComparison(result).split("\n");
  expect(text.slice(0, 3)).toEqual([`a: ${a}`, `b: ${b}`, `c: ${c}`]);
  expect(text.find((line) => line.startsWith("c "))).toMatch(
    /^c +1\.0000 +1\.0000 +1\.0000 to 1\.0000 +6 \/ 0 \/ 0 +0\.\d+ +0\.0625 +6$/,
  );
  expect(text).toContain("only in c, not in a, left out: 1 (extra)");
  expect(text.at(-1)).toBe(
    "p: two-sided, of each metric by itself; by Holm's correction for the 2 runs that are compared with a",
  );
});
