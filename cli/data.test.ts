import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sgdc } from "../test/helpers/commandLine.ts";
import { putDsb2018, putImage, putMap, putMask, putNnunet } from "../test/helpers/layoutTrees.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-cli-data-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("data inspect prints what a folder holds, and exits with 0 if all can be read", async () => {
  await putDsb2018(root);
  const { code, stdout, stderr } = await sgdc("data", "inspect", root);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`${root}: dsb2018, 2 images: 2 training, 0 validation, 0 test\n`);
  expect(stdout).toContain("sizes: 24 x 16 (2)\n");
  expect(stdout).toContain("instances of an image: median 3, 3 to 3\n");
  expect(stdout).toContain(
    "diameter of an image's middle instance: median 2.3 px, 2.3 to 2.3; small: --zoom 2 shows them larger\n",
  );
  expect(stdout).toMatch(/class +images +pixels +share +instances\nforeground +2 +24 +3.13 % +6\n/);
});

test("one image is one image, and each of several has its mask", async () => {
  const single = await sgdc("phantom", join(root, "one"), "--count", "1", "--size", "64");
  expect(single.stdout).toBe(`1 image with its mask in ${join(root, "one")}\n`);
  const inspected = await sgdc("data", "inspect", join(root, "one"));
  expect(inspected.stdout).toContain(": folders, 1 image: 1 training, 0 validation, 0 test\n");
  const converted = ["data", "convert", join(root, "one"), "--to", "coco", "--out"];
  const { stdout } = await sgdc(...converted, join(root, "coco"));
  expect(stdout).toMatch(/^1 image of folders as coco in /);
  const two = await sgdc("phantom", join(root, "two"), "--count", "2", "--size", "64");
  expect(two.stdout).toBe(`2 images with their masks in ${join(root, "two")}\n`);
});

test("data inspect lists bad files, and exits with 1", async () => {
  for (const name of ["a", "b"]) {
    await putImage(root, `images/${name}.png`);
    await putMask(root, `masks/${name}.png`);
  }
  await writeFile(join(root, "masks/b.png"), "");
  const { code, stdout, stderr } = await sgdc("data", "inspect", root);
  expect(code).toBe(1);
  expect(stdout).toContain("unreadable: 1 of 2\n");
  expect(stdout).toContain(`  train/b: ${root}/masks/b.png: must be an image, got an empty file\n`);
  expect(stderr).toBe(`error: ${root}: all samples must be readable, got 1 that is not\n`);
  // With --json, standard output stays one object.
  const json = await sgdc("data", "inspect", root, "--json");
  expect(json.code).toBe(1);
  const found = JSON.parse(json.stdout) as { readable: number; unreadable: unknown[] };
  expect([found.readable, found.unreadable.length]).toEqual([1, 1]);
});

test("data convert writes another form and says what it did", async () => {
  await putNnunet(join(root, "from"));
  const out = join(root, "to");
  const { code, stdout } = await sgdc(
    "data",
    "convert",
    join(root, "from"),
    "--to",
    "folders",
    "--out",
    out,
  );
  expect(code).toBe(0);
  expect(stdout).toBe(`4 images of nnunet as folders in ${out}: 4 copied, 0 written as PNG\n`);
  expect(await readdir(out)).toEqual(["classes.json", "test", "train"]);
  const again = await sgdc("data", "convert", join(root, "from"), "--to", "coco", "--out", out);
  expect([again.code, again.stderr]).toEqual([
    2,
    `error: ${out}: target must be new or empty, got 3 entries; choose another folder, or give --overwrite\n`,
  ]);
  const replaced = await sgdc(
    "data",
    "convert",
    join(root, "from"),
    "--to",
    "coco",
    "--out",
    out,
    "--overwrite",
    "--json",
  );
  expect(JSON.parse(replaced.stdout)).toEqual({
    out,
    from: "nnunet",
    to: "coco",
    classes: ["nevus", "melanoma"],
    instances: false,
    parts: { train: 3, validation: 0, test: 1 },
    copied: 4,
    encoded: 0,
  });
});

test("wrong usage of data commands is told, with exit code 2", async () => {
  for (const [args, message] of [
    [
      ["data", "convert", root, "--to", "nnunt", "--out", "x"],
      'to (--to) must be one of folders, nnunet, coco, got "nnunt"; did you mean "nnunet"?',
    ],
    [
      ["data", "convert", root, "--to", "coco"],
      "required option '-o, --out <folder>' not specified",
    ],
    [["data", "inspekt", root], "unknown command 'inspekt'\n(Did you mean inspect?)"],
    [
      ["data", "inspect", root, "--label", "x"],
      "unknown option '--label'\n(Did you mean --labels?)",
    ],
    [
      ["data", "inspect", root, "--labels", "x"],
      'labels (--labels) must be one of auto, mask, classes, instances, got "x"',
    ],
  ] as const) {
    const { code, stderr } = await sgdc(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  }
});

test("the help of data and of its commands shows examples", async () => {
  expect((await sgdc("data", "--help")).stdout).toContain("convert [options] <data>");
  for (const name of ["inspect", "convert"]) {
    const { code, stdout } = await sgdc("data", name, "--help");
    expect([code, stdout.includes(`sgdc data ${name} `), stdout.includes("--json")]).toEqual([
      0,
      true,
      true,
    ]);
  }
});

test("data augment writes a sheet, with training's flags", async () => {
  await putDsb2018(root);
  const out = join(root, "sheet.png");
  const args = ["data", "augment", root, "--out", out, "--rows", "1", "--columns", "2"];
  const { code, stdout, stderr } = await sgdc(...args, "--size", "32", "--elastic", "1");
  expect([code, stdout, stderr]).toEqual([0, `1 image, augmented, in ${out}\n`, ""]);
  expect((await sgdc(...args)).stderr).toContain("output file must not exist yet");
  const json = await sgdc(...args, "--no-operations", "--overwrite", "--json");
  const result = JSON.parse(json.stdout) as { names: string[]; operations: string[] };
  expect([result.names.length, result.operations]).toEqual([1, []]);
  const wrong = await sgdc(...args, "--hue-limit", "2");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toBe("error: hueLimit (--hue-limit) must be at most 0.5, got 2\n");
});

test("training and data augment show the flags of augmentation under one heading", async () => {
  for (const command of [["train"], ["data", "augment"]]) {
    const { stdout } = await sgdc(...command, "--help");
    const part = stdout.slice(stdout.indexOf("\nAugmentation:\n"));
    expect(part).toMatch(/^\nAugmentation:\n {2}--horizontal-flip <n> +probability/);
    expect(part).toContain("--gaussian-noise-std");
  }
});

test("help shows how to switch off what is on by itself, and what kind of value an option takes", async () => {
  const { stdout } = await sgdc("data", "split", "--help");
  expect(stdout).toMatch(/--\[no-\]near-duplicates [^]*?\(default:\s+on\)/);
  expect(stdout).toMatch(/--labels <choice>/);
  expect(stdout).not.toContain("--[no-]flips");
});

test("where nothing can be read, no line stands empty", async () => {
  await putImage(root, "images/a.png");
  await putMask(root, "masks/a.png");
  await writeFile(join(root, "masks/a.png"), "");
  const { stdout } = await sgdc("data", "inspect", root, "--labels", "mask");
  expect(stdout).toContain("unreadable: 1 of 1\n");
  expect(stdout).not.toContain("files:");
});

// File systems of Windows do not hold such names.
test.skipIf(process.platform === "win32")(
  "control characters in file names reach no terminal, sheet, or message",
  async () => {
    const evil = "a\u001b[31m\u0007\u009b\nerror: b";
    for (const name of [evil, "full", "\u001b]0;broken"]) {
      await putImage(root, `images/${name}.png`, "one picture");
      await putMap(root, `masks/${name}.png`, () => 255);
    }
    await writeFile(join(root, "images/\u001b]0;broken.png"), "x");
    await writeFile(join(root, "classes.txt"), "lesion\u001b[5m\n");
    const out = join(root, "sheet.png");
    const { code, stdout, stderr } = await sgdc("data", "inspect", root, "--out", out);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout).toContain("a\\u001b[31m\\u0007\\u009b\\nerror: b");
    expect(stdout).toContain("lesion\\u001b[5m");
    expect(stdout).toContain("\\u001b]0;broken.png: must be a PNG");
    expect((await sharp(out).metadata()).format).toBe("png");
    const json = await sgdc("data", "inspect", root, "--json");
    expect(json.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const found = JSON.parse(json.stdout) as { duplicates: string[][] };
    expect(found.duplicates).toEqual([[`train/${evil}`, "train/full"]]);
    const unknown = await sgdc("data", "inspect", root, "--lab\u001b[31mels", "mask");
    expect(unknown.stderr).toContain("unknown option '--lab\\u001b[31mels'");
  },
);
