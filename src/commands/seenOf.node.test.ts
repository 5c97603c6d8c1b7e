import { copyFile, cp, mkdtemp, readFile, readdir, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { fakeEngine } from "../../test/helpers/fakeEngine.ts";
import { DataError } from "../base/errors.ts";
import { formatSeen } from "../report/seenText.ts";
import { evaluate } from "./evaluate.node.ts";
import { phantom } from "./phantom.node.ts";
import { train } from "./train.node.ts";

let root: string;
const engine = fakeEngine();
const at = (...names: string[]): string => join(root, ...names);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-seen-"));
  await phantom({ out: at("data"), count: 8, size: 64 });
  await phantom({ out: at("fresh"), count: 3, size: 64, seed: 9 });
  await train(
    {
      out: at("run"),
      data: { path: at("data"), size: 64, validation: 0.25, workers: 0 },
      training: { epochs: 3, batchSize: 2, learningRate: 0.3 },
      nearDuplicates: false,
    },
    { engine },
  );
});
afterAll(() => rm(root, { recursive: true }));

/** The stems of images that are in a part of the run. */
const namesOf = async (part: "train" | "validation"): Promise<string[]> => {
  const split = JSON.parse(await readFile(at("run/split.json"), "utf8")) as Record<
    typeof part,
    string[]
  >;
  return split[part];
};

/** A data set of fresh images, and of images of the run under other names. */
async function other(
  folder: string,
  images: readonly (readonly [from: string, to: string])[],
  put: (from: string, to: string) => Promise<unknown> = copyFile,
): Promise<string> {
  await cp(at("fresh"), at(folder), { recursive: true });
  for (const [from, to] of images)
    for (const kind of ["images", "masks"]) {
      const [name] = (await readdir(at("data", kind))).filter((file) => file.startsWith(from));
      await put(at("data", kind, name!), at(folder, kind, name!.replace(from, to)));
    }
  return at(folder);
}

test("copied, renamed and linked images of the training are found, and left out beside", async () => {
  const [[a, b], [c]] = [await namesOf("train"), await namesOf("validation")];
  const data = await other("copies", [
    [a!, "new_1"],
    [c!, "new_2"],
  ]);
  await other("copies", [[b!, "linked"]], symlink);
  const result = await evaluate({ checkpoint: at("run"), data, part: "all" }, { engine });
  expect(result.seen).toMatchObject({ known: "content", trained: 2, chosen: 1 });
  const seen = Object.fromEntries(
    result.seen.images.map(({ name, part, as }) => [name, [part, as]]),
  );
  expect(seen).toEqual({
    linked: ["train", b],
    new_1: ["train", a],
    new_2: ["validation", c],
  });
  // The same as without these images from the start.
  const alone = await evaluate({ checkpoint: at("run"), data: at("fresh") }, { engine });
  expect(alone.seen).toEqual({ known: "content", trained: 0, chosen: 0, images: [] });
  expect(result.seen.unseen!.summary).toEqual(alone.summary);
  expect(result.summary.images).toBe(6);
  const text = formatSeen(result, result.seen);
  expect(text).toMatch(
    /^of 6 images, 2 were trained on, 1 chose the best epoch \(told by the content /,
  );
  expect(text).toMatch(/^images +6 +3$/m);
  expect(formatSeen(alone, alone.seen)).toBe(
    "none of the 3 images was trained on or chose the best epoch (told by the content of their files)",
  );
});

test("the report has both figures and the names; of the run's own data nothing may be left", async () => {
  const [a] = await namesOf("train");
  const data = await other("one", [[a!, "again"]]);
  const out = at("scores");
  await evaluate({ checkpoint: at("run"), data, part: "all", out }, { engine });
  const html = await readFile(join(out, "report.html"), "utf8");
  expect(html).toContain("<h2>Seen in training</h2>");
  expect(html).toContain("of 4 images, 1 was trained on");
  expect(html).toMatch(/<th scope="row">images<\/th><td>4<\/td><td>3<\/td>/);
  expect(html).toContain(
    `<th scope="row">again</th><td class="text">train</td><td class="text">${a!}<`,
  );
  const own = await evaluate({ checkpoint: at("run"), part: "train" }, { engine });
  expect(own.seen).toMatchObject({ trained: 6, chosen: 0 });
  expect(own.seen.unseen).toBeUndefined();
  expect(formatSeen(own, own.seen)).toContain("none is left that was not seen: this is no test");
});

test("an image saved anew looks the same, and is found by the option alone", async () => {
  const [a] = await namesOf("train");
  const data = await other("anew", [[a!, "smaller"]], async (from, to) => {
    if (from.includes("masks")) return sharp(from).resize(48, 48, { kernel: "nearest" }).toFile(to);
    return sharp(from).resize(48, 48).toFile(to);
  });
  const run = (more = {}) =>
    evaluate({ checkpoint: at("run"), data, part: "all", ...more }, { engine });
  expect((await run()).seen.images).toEqual([]);
  const { seen } = await run({ nearDuplicates: true });
  expect(seen.images).toEqual([{ name: "smaller", part: "train", as: a, by: "likeness" }]);
  expect(seen.unseen!.summary.images).toBe(3);
  await rename(at("data"), at("moved"));
  try {
    await expectRejection(
      run({ nearDuplicates: true }),
      DataError,
      `${at("data")}: the images that the network was trained on must be there to look for near-duplicates among them, got: `,
    );
  } finally {
    await rename(at("moved"), at("data"));
  }
});

test("the report shows the whole training, not only up to the best epoch", async () => {
  const out = at("whole");
  const { checkpoint } = await evaluate({ checkpoint: at("run"), out }, { engine });
  const best = /best epoch: (\d)/.exec(await readFile(join(out, "report.html"), "utf8"));
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("3 epochs in ");
  expect(Number(best![1])).toBeLessThanOrEqual(3);
  // A checkpoint alone knows its own epochs.
  await evaluate({ checkpoint, out }, { engine });
  expect(await readFile(join(out, "report.html"), "utf8")).toContain(`${best![1]!} epochs in `);
});

test("a spacing gives distances in mm to images that do not tell it", async () => {
  const data = at("fresh");
  const run = (more = {}) =>
    evaluate({ checkpoint: at("run"), data, part: "all", ...more }, { engine });
  const pixels = await run();
  const { perImage, summary } = await run({ spacing: [2, 2] });
  expect(summary.unit).toBe("mm");
  for (const [i, { scores }] of perImage.entries())
    expect(scores.hausdorff).toBeCloseTo(2 * pixels.perImage[i]!.scores.hausdorff, 10);
  await expect(run({ spacing: [2, 2], unit: "px" })).rejects.toThrow(
    'unit (--unit) must not be given with --spacing, got "px"; leave one of them out',
  );
});
