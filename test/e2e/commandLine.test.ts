import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sgdc, type Ran } from "./helpers/command.ts";

let root: string;
const at = (...parts: string[]): string => join(root, ...parts);
const trainArgs = (out: string, ...more: string[]): string[] => [
  ...["train", at("data"), "--out", at(out), "--size", "64", "--batch-size", "4", "--epochs", "1"],
  ...["--validation", "0.2", "--workers", "1", ...more],
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-command-"));
  const made = await sgdc(["phantom", at("data"), "--count", "10", "--size", "80"]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
});
afterAll(() => rm(root, { recursive: true }));

describe("from images to scores", () => {
  let trained: Ran;
  beforeAll(async () => {
    trained = await sgdc(trainArgs("run", "--json"));
  });
  const eventsOf = ({ stdout }: Ran): Record<string, unknown>[] =>
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test("train fills a run folder and tells it as JSON lines alone", async () => {
    expect(trained).toMatchObject({ code: 0, stderr: "" });
    const events = eventsOf(trained);
    expect(events.filter(({ event }) => event === "step")).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ event: "result", status: "finished", epochs: 1 });
    expect((await readdir(at("run"))).sort()).toEqual([
      "checkpoints",
      "config.json",
      "curves.png",
      "curves.svg",
      "log.jsonl",
      "report.html",
      "split.json",
    ]);
    const report = await readFile(at("run", "report.html"), "utf8");
    // Pictures are inside: the page can be sent on its own.
    expect(report).toContain("data:image/");
    expect(report).not.toMatch(/(src|href)="(?!data:|#)/);
  });

  test("evaluate scores the validation images", async () => {
    const { code, stdout, stderr } = await sgdc(["evaluate", at("run"), "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const { part, summary, perImage } = JSON.parse(stdout) as {
      part: string;
      summary: { images: number };
      perImage: { name: string; scores: { dice: number; iou: number } }[];
    };
    expect([part, summary.images, perImage.length]).toEqual(["validation", 2, 2]);
    for (const { scores } of perImage) {
      expect(scores.dice).toBeCloseTo((2 * scores.iou) / (1 + scores.iou), 9);
    }
  });

  test("predict writes masks of the images' own size, and score measures them as evaluate does", async () => {
    const out = at("predictions");
    const args = ["predict", at("run"), at("data", "images"), "--out", out];
    const { code, stdout, stderr } = await sgdc([...args, "--maps", "edge,guidance", "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const { images } = JSON.parse(stdout) as { images: { width: number; files: string[] }[] };
    expect(images).toHaveLength(10);
    for (const { width, files } of images) expect([width, files.length]).toEqual([80, 5]);

    await mkdir(at("masks"));
    for (const { files } of images) {
      const mask = files.find((file) => file.endsWith("_mask.png"))!;
      await cp(mask, mask.replace(out, at("masks")));
    }
    const scored = await sgdc(["score", at("masks"), at("data", "masks"), "--json"]);
    expect([scored.code, scored.stderr]).toEqual([0, ""]);
    const all = await sgdc(["evaluate", at("run"), "--part", "all", "--json"]);
    const diceOf = ({ stdout: text }: Ran): number[] =>
      (JSON.parse(text) as { perImage: { scores: { dice: number } }[] }).perImage
        .map(({ scores }) => scores.dice)
        .sort((x, y) => x - y);
    expect(diceOf(scored)).toHaveLength(10);
    expect(diceOf(scored)).toEqual(diceOf(all));
  });

  test("inspect reads the checkpoint", async () => {
    const { code, stdout } = await sgdc(["inspect", at("run"), "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      network: { name: "sgd-net" },
      size: 64,
      checkpoint: { epoch: 1 },
    });
  });

  test("a folder that holds a run is left as it is", async () => {
    const before = await readFile(at("run", "checkpoints", "last.safetensors"));
    const { code, stderr } = await sgdc(trainArgs("run"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/run: output folder must not hold a run yet, got config\.json, .*\n$/);
    const after = await readFile(at("run", "checkpoints", "last.safetensors"));
    expect(after.equals(before)).toBe(true);
  });

  test("a run is not resumed with another configuration", async () => {
    const { code, stderr } = await sgdc(["train", "--out", at("run"), "--resume", "--seed", "3"]);
    expect(code).toBe(2);
    expect(stderr).toContain("a run must be resumed with its own configuration, got another:");
    expect(stderr).toContain("\n  training.seed: 0, now 3\n");
  });

  test("a checkpoint of another network is refused by its tensors", async () => {
    await cp(at("run"), at("other"), { recursive: true });
    const file = at("other", "checkpoints", "best.safetensors");
    const bytes = await readFile(file);
    // The header says `paper` now, as many characters as before.
    const from = bytes.indexOf('\\"size\\":\\"compact\\"');
    expect(from).toBeGreaterThan(0);
    bytes.write('\\"size\\":\\"paper\\"  ', from);
    await writeFile(file, bytes);
    const { code, stderr } = await sgdc(["evaluate", at("other")]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /resnet\.conv1\.0\.weight: must be \[32, 3, 3, 3\], got \[16, 3, 3, 3\]/,
    );
  });

  test("a damaged checkpoint is refused by what is wrong in it", async () => {
    const whole = await readFile(at("run", "checkpoints", "best.safetensors"));
    const cut = at("cut.safetensors");
    await writeFile(cut, whole.subarray(0, whole.length - 100));
    const truncated = await sgdc(["predict", cut, at("data", "images"), "--out", at("none")]);
    expect(truncated.code).toBe(1);
    expect(truncated.stderr).toMatch(
      /^error: .*cut\.safetensors: data must have \d+ bytes by its header, got \d+; the file is truncated\n$/,
    );
    const foreign = at("foreign.safetensors");
    await writeFile(foreign, "this is a text and no checkpoint");
    const text = await sgdc(["evaluate", foreign]);
    expect(text.code).toBe(1);
    expect(text.stderr).toMatch(
      /^error: .*foreign\.safetensors: header must be at most \d+ bytes, got \d+; is this a safetensors file\?\n$/,
    );
  });
});

describe("what cannot be done is refused in one sentence", () => {
  const cases: readonly [what: string, args: () => string[], code: number, message: RegExp][] = [
    [
      "a mistyped command",
      () => ["trian", "x"],
      2,
      /^error: unknown command 'trian'\n\(Did you mean train\?\)\n$/,
    ],
    [
      "a mistyped flag",
      () => trainArgs("none", "--epoch", "3"),
      2,
      /^error: unknown option '--epoch'\n\(Did you mean --epochs\?\)\n$/,
    ],
    [
      "an unknown preset",
      () => trainArgs("none", "--preset", "papr"),
      2,
      /^error: preset must be one of paper, compact, got "papr"; did you mean "paper"\?\n$/,
    ],
    [
      "a folder that is not there",
      () => ["train", at("nowhere"), "--out", at("none")],
      1,
      /^error: .*nowhere: must be a readable folder, got no such file or folder \(ENOENT\)\n$/,
    ],
    [
      "a folder without images and masks",
      () => ["train", at("data", "images"), "--out", at("none")],
      1,
      /^error: .*images: must hold a data set of a known layout, got 10 image files .*; give the folder above it, /,
    ],
    [
      "a size that is no multiple of 32",
      () => trainArgs("none", "--size", "100"),
      2,
      /^error: data\.size \(--size\) must be a multiple of 32 and at least 64 for sgd-net, got 100\n$/,
    ],
    [
      "a size below 64",
      () => trainArgs("none", "--size", "32"),
      2,
      /^error: data\.size \(--size\) must be a multiple of 32 and at least 64 for sgd-net, got 32\n$/,
    ],
    [
      "a batch of one image",
      () => trainArgs("none", "--batch-size", "1"),
      2,
      /^error: training\.batchSize \(--batch-size\) must be at least 2, got 1; batch norm has nothing/,
    ],
    [
      "a device that there is not",
      () => trainArgs("none", "--device", "gpu"),
      2,
      /^error: runtime\.device \(--device\) must be one of auto, cpu, .*, got "gpu"/,
    ],
  ];
  // One after another: they share the name of a folder that must not come to be.
  test.each(cases)("%s", async (_, args, code, message) => {
    const ran = await sgdc(args());
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code, stdout: "" });
    expect(await readdir(root)).not.toContain("none");
  });

  // CoreML is Apple's, DirectML is Microsoft's: one of the two is missing everywhere.
  test("a device that this machine does not have", async () => {
    const device = process.platform === "win32" ? "coreml" : "dml";
    const { code, stderr, stdout } = await sgdc(trainArgs("none", "--device", device));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `\\nerror: device ${device}: must work on this machine, got: .*; devices that do: .*cpu`,
      ),
    );
    expect(stdout).toBe("");
    expect(await readdir(root)).not.toContain("none");
  });
});

test("doctor shows devices in a table of short rows", async () => {
  const { code, stdout } = await sgdc(["doctor"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\ncpu +works +works/);
  for (const row of stdout.trim().split("\n")) expect(row.length).toBeLessThanOrEqual(110);
});
