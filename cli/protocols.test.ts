import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonLines, sgdc } from "../test/helpers/commandLine.ts";
import { writeRectangles } from "../test/helpers/fakeEngine.ts";

let root: string;
const at = (...parts: string[]): string => join(root, ...parts);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-protocols-"));
  await writeRectangles(at("data"), 8);
});
afterAll(() => rm(root, { recursive: true }));

describe("sgdc data split", () => {
  it("writes folds that train and evaluate take", async () => {
    const split = ["data", "split", at("data"), "--folds", "2", "--out", at("splits")];
    const { code, stdout } = await sgdc(...split, "--shuffle", "--seed", "7");
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^file +training +validation +test\n.*fold-1\.json +3 +1 +4\n/,
      ) as string,
    ]);
    const file = at("splits", "fold-1.json");
    const { test } = JSON.parse(await readFile(file, "utf8")) as { test: string[] };
    const small = ["--size", "64", "--batch-size", "2", "--workers", "0", "--epochs", "1"];
    await sgdc("train", at("data"), "--split", file, "--out", at("run"), ...small);
    const scores = await sgdc("evaluate", at("run"), "--split", file, "--json");
    const { part, perImage } = JSON.parse(scores.stdout) as {
      part: string;
      perImage: { name: string }[];
    };
    expect([part, perImage.map(({ name }) => name)]).toEqual(["test", test]);

    const again = await sgdc(...split);
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(
      /fold-1\.json: must not hold another split, got one; choose another folder, or replace it with --overwrite\n$/,
    );
    expect((await sgdc(...split, "--overwrite")).code).toBe(0);
  });

  it("keeps groups whole, and names near-duplicates", async () => {
    await cp(at("data"), at("copied"), { recursive: true });
    for (const kind of ["images", "masks"]) {
      await cp(at("copied", kind, "img_0.png"), at("copied", kind, "img_7.png"));
    }
    const common = ["data", "split", at("copied"), "--folds", "2", "--json"];
    const apart = await sgdc(...common, "--out", at("apart"));
    const pair = {
      images: [
        { part: "fold 1", name: "img_0" },
        { part: "fold 2", name: "img_7" },
      ],
    };
    expect(JSON.parse(apart.stdout)).toMatchObject({
      groups: 0,
      nearDuplicates: {
        checked: 8,
        pairs: expect.arrayContaining([expect.objectContaining(pair)]) as unknown,
      },
    });
    const wrong = await sgdc(...common, "--group", "^p(.)", "--out", at("grouped"));
    expect(wrong.stderr).toMatch(/group: pattern \^p\(\.\) must fit every name/);
    const table = at("groups.json");
    const groups = Array.from({ length: 8 }, (_, i) => [`img_${i}`, Math.min(i, 7 - i)]);
    await writeFile(table, JSON.stringify(Object.fromEntries(groups)));
    const whole = await sgdc(...common, "--group", table, "--out", at("grouped"));
    const found = JSON.parse(whole.stdout) as {
      groups: number;
      nearDuplicates: { pairs: { images: unknown[] }[] };
    };
    expect(found.groups).toBe(4);
    expect(found.nearDuplicates.pairs).not.toContainEqual(expect.objectContaining(pair));
    for (const { images } of found.nearDuplicates.pairs) {
      expect(images).not.toContainEqual(expect.objectContaining({ name: "img_7" }));
    }
  });

  it("wants one protocol, and a ratio of numbers", async () => {
    const none = await sgdc("data", "split", at("data"), "--out", at("none"));
    expect([none.code, none.stderr]).toEqual([
      2,
      "error: data split: one of --folds, --ratio and --official must be given, got none\n",
    ]);
    const both = await sgdc(
      ...["data", "split", at("data"), "--out", at("none"), "--folds", "2", "--ratio", "7:1:2"],
    );
    expect(both.stderr).toMatch(/must be given, got --folds and --ratio\n$/);
    const ratio = ["data", "split", at("data"), "--out", at("ratio"), "--ratio"];
    expect((await sgdc(...ratio, "7;1")).stderr).toMatch(/ratio must be training:validation:test/);
    const { stdout } = await sgdc(...ratio, "5:1:2", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      splits: [
        { train: 5, validation: 1, test: 2, protocol: { method: "ratio", ratio: [5, 1, 2] } },
      ],
    });
    const official = await sgdc("data", "split", at("data"), "--official", "--out", at("none"));
    expect(official.stderr).toMatch(
      /--official needs a validation or test part of the data set's own, got neither/,
    );
  });
});

describe("sgdc cross-validate", () => {
  const small = ["--size", "64", "--batch-size", "2", "--workers", "0", "--epochs", "1"];
  const common = ["cross-validate", "--folds", "2", ...small];

  it("names the fold in every line, prints the table, and goes on with --resume", async () => {
    const args = [...common, at("data"), "--out", at("cv"), "--learning-rate", "0.3"];
    const one = await sgdc(...args, "--only-fold", "1");
    expect([one.code, one.stdout]).toEqual([
      0,
      `done: fold 1 of 2; go on with: sgdc cross-validate --out ${at("cv")} --resume\n`,
    ]);
    expect(one.stderr).toContain("fold 1/2: epoch 1/1: loss");
    const again = await sgdc(...args);
    expect(again.stderr).toMatch(/must not hold a cross-validation yet, got one/);
    const rest = await sgdc("cross-validate", "--out", at("cv"), "--resume");
    expect(rest.stderr).toContain("fold 1/2: done before\n");
    expect(rest.stderr).not.toContain("fold 1/2: epoch");
    expect(rest.stderr).toContain("fold 2/2: epoch 1/1: loss");
    const header =
      /^ +fold 1 +fold 2 +over folds +over images +95 % interval\nimages +4 +4 +8\nDice /;
    expect(rest.stdout).toMatch(header);
    const other = await sgdc("cross-validate", "--out", at("cv"), "--resume", "--epochs", "3");
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining("training.epochs: 1, now 3") as string,
    ]);
  });

  it("prints JSON lines that carry the fold", async () => {
    const { stdout } = await sgdc(...common, at("data"), "--out", at("json"), "--json");
    const events = jsonLines(stdout);
    expect(events.filter(({ event }) => event === "epoch").map(({ fold }) => fold)).toEqual([1, 2]);
    expect(events.at(-1)).toMatchObject({ event: "result", status: "finished", done: [1, 2] });
  });
});
