import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import {
  grid,
  inside,
  putImage,
  putMap,
  putMask,
  readAll,
  rectangle,
} from "../../../test/helpers/layoutTrees.ts";
import { DataError } from "../../base/errors.ts";
import { openDataset } from "../openDataset.node.ts";
import { readSample } from "../readSample.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-layouts-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = (message: string) => expectRejection(openDataset(root), DataError, message);

/** Three images with label maps of these values. */
async function maps(at: (x: number, y: number, n: number) => number, deep = false): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await putImage(root, `images/${n}.png`);
    await putMap(root, `labels/${n}.png`, (x, y) => at(x, y, n), deep);
  }
}

const bands = (x: number): number => Math.min(3, x >> 2);

test("few values that may be classes or instances are refused until told", async () => {
  await maps(bands);
  await refused(
    `${root}/labels/0.png: labels must be masks of 0 and 255, or told to be classes or instances, got the values 1, 2, 3; give --labels classes or --labels instances, or name the classes in ${root}/classes.txt`,
  );
  const classes = await openDataset(root, { labels: "classes" });
  expect([classes.classes, classes.instances]).toEqual([["class 1", "class 2", "class 3"], false]);
  expect((await readSample(classes.train[0]!)).labels.classes.slice(0, 6)).toEqual(
    Uint8Array.of(0, 0, 0, 0, 1, 1),
  );
  const instances = await openDataset(root, { labels: "instances" });
  expect([instances.classes, instances.instances]).toEqual([["foreground"], true]);
  const masks = await openDataset(root, { labels: "mask" });
  await expectRejection(
    readSample(masks.train[0]!),
    DataError,
    `${root}/labels/0.png: mask must contain only 0 and 255, got 1 at row 0, column 4`,
  );
});

test("masks of another value than 255 are refused with both ways out", async () => {
  await maps((x) => (x > 4 ? 200 : 0));
  await refused(
    `${root}/labels/0.png: labels must be masks of 0 and 255, or told to be classes or instances, got the values 200; save masks as 0 and 255, or give --labels classes or`,
  );
});

test("many values of scattered regions are no instances, of any depth", async () => {
  await maps((x, y) => (x * 7 + y * 5) % 30, true);
  await refused(
    `${root}/labels/0.png: labels must be masks of 0 and 255, or told to be classes or instances, got the values 1, 2, 3, 4, ... 29 (29 values); give`,
  );
});

test("a classes file names classes and says what label files hold", async () => {
  await maps(bands);
  await writeFile(
    join(root, "classes.txt"),
    "\uFEFFnevus\r\nseborrhoeic keratosis\r\nmelanoma\r\n\r\n",
  );
  const named = await openDataset(root);
  expect(named.classes).toEqual(["nevus", "seborrhoeic keratosis", "melanoma"]);
  expect(named.train[0]!.labels).toEqual({
    kind: "classMap",
    path: join(root, "labels/0.png"),
    classes: 3,
  });
  await rm(join(root, "classes.txt"));
  await writeFile(join(root, "classes.json"), '{"classes":["nucleus"],"labels":"instances"}');
  const told = await openDataset(root);
  expect([told.classes, told.instances]).toEqual([["nucleus"], true]);
  await writeFile(join(root, "classes.json"), '["a","b"]');
  const few = await openDataset(root);
  await expectRejection(
    readSample(few.train[0]!),
    DataError,
    `${root}/labels/0.png: class map must contain only 0 to 2, got 3 at row 0, column 12`,
  );
});

test("binary masks with one named class are masks still", async () => {
  for (const white of [1, 255]) {
    await maps((x, y) => (inside(x, y) ? white : 0));
    await writeFile(join(root, "classes.txt"), "polyp\n");
    const data = await openDataset(root);
    expect([data.classes, data.train[0]!.labels.kind]).toEqual([["polyp"], "mask"]);
  }
});

test("unusable classes files are named", async () => {
  await maps(bands);
  const json = join(root, "classes.json");
  const cases = [
    [
      '{"classes":["a"],"labels":"polygons"}',
      "labels must be one of mask, classes, instances, got",
    ],
    [
      '{"names":["a"]}',
      'must be a list of class names, or an object with one under "classes", got',
    ],
    ["[]", "must name 1 to 255 classes (not the background), got 0"],
    ['["a","a"]', 'class names must be unique, got "a" twice'],
    ['["a",7]', "class 2 must have a name, got 7"],
    ['["a"', "must be JSON, got "],
    [
      '{"classes":["a","b"],"labels":"mask"}',
      "must name one class for masks of one class, got 2; with",
    ],
  ] as const;
  for (const [text, message] of cases) {
    await writeFile(json, text);
    await refused(`${json}: ${message}`);
  }
  await writeFile(join(root, "classes.txt"), "a\n");
  await refused(`${json}: classes must be named in one file, got classes.txt beside it`);
});

test("class maps and instance maps beside each other are read together", async () => {
  await maps((x, y) => (grid(x, y) === 0 ? 0 : 1 + (grid(x, y) % 2)));
  for (let n = 0; n < 3; n++) await putMap(root, `instances/${n}.png`, grid, true);
  await writeFile(join(root, "classes.txt"), "even\nodd\n");
  const data = await openDataset(root);
  expect([data.classes, data.instances]).toEqual([["even", "odd"], true]);
  const { labels } = await readSample(data.train[0]!);
  for (const [i, id] of labels.instances!.entries()) {
    expect(labels.classes[i]).toBe(id === 0 ? 0 : 1 + (id % 2));
  }
  await rename(join(root, "labels"), join(root, "elsewhere"));
  await writeFile(join(root, "classes.txt"), "nucleus\n");
  const alone = await openDataset(root);
  expect([alone.classes, alone.instances]).toEqual([["nucleus"], true]);
});

test("one stray value among masks is told by reading, with its place", async () => {
  await maps((x, y, n) => (n === 1 && x === 5 && y === 0 ? 128 : inside(x, y) ? 255 : 0));
  const { train } = await openDataset(root);
  await expectRejection(
    readSample(train[1]!),
    DataError,
    `${root}/labels/1.png: mask must contain only 0 and 255, got 128 at row 0, column 5`,
  );
});

test("TIFF images and links to folders elsewhere are followed", async () => {
  await putImage(root, "elsewhere/pictures/a.tif");
  await mkdir(join(root, "set"));
  await symlink(join(root, "elsewhere/pictures"), join(root, "set/images"));
  await putMask(root, "set/masks/a.tif");
  const data = await openDataset(join(root, "set"));
  expect(await readAll(data)).toEqual([[rectangle(0), 0]]);
});

test("groups.csv beside the data names the groups", async () => {
  for (const name of ["a", "b,2"]) {
    await putImage(root, `images/${name}.png`);
    await putMask(root, `masks/${name}.png`);
  }
  const csv = join(root, "groups.csv");
  await writeFile(csv, 'part,name,group\ntrain,"b,2","p ""7"""\n');
  expect((await openDataset(root)).train.map(({ group }) => group)).toEqual([undefined, 'p "7"']);
  await writeFile(csv, "part,name,group\ntest,a,1\n");
  await refused(`${csv}: line 2 must name an image of the data set, got a in test`);
  await writeFile(csv, "part,name,group\ntrain,a\n");
  await refused(`${csv}: line 2 must be part,name,group, got "train,a"`);
  await writeFile(csv, "name;group\n");
  await refused(`${csv}: must begin with part,name,group, got "name;group"`);
});
