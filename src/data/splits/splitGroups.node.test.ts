import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectRejection } from "../../../test/helpers/expectError.ts";
import { DataError } from "../../base/errors.ts";
import { readSplit, writeSplit } from "./splitFile.node.ts";
import { groupsOf } from "./splitGroups.ts";
import { groupSamples, readGroups } from "./splitGroups.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-groups-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe("a table of groups", () => {
  it("is CSV with headings, quotes and extensions, or JSON", async () => {
    const expected = new Map([
      ["a", "one, two"],
      ["b.2", "7"],
    ]);
    const csv = await file("g.csv", '\uFEFFname,group,more\r\na.png,"one, two",x\r\nb.2,7\r\n\r\n');
    expect(await readGroups(csv)).toEqual(expected);
    const columns = await file("c.csv", 'part,group,name\ntrain,"one, two",a\ntrain,7,b.2\n');
    expect(await readGroups(columns)).toEqual(expected);
    const json = await file("g.json", '{"a": "one, two", "b.2": 7}');
    expect(await readGroups(json)).toEqual(expected);
  });

  it("is refused with its place where it is none", async () => {
    const none = join(folder, "none.csv");
    await expectRejection(
      readGroups(none),
      DataError,
      `${none}: must be a readable table of groups, got no such file or folder (ENOENT)`,
    );
    const short = await file("short.csv", "name,group\na,1\nb\n");
    await expectRejection(
      readGroups(short),
      DataError,
      `${short}: every line must hold a name and its group, got "b" at line 3`,
    );
    const twice = await file("twice.csv", "name,group\na.png,1\na.jpg,2\n");
    await expectRejection(
      readGroups(twice),
      DataError,
      `${twice}: a name must be in one group, got a in 1 and 2`,
    );
    const text = await file("text.json", "{");
    await expectRejection(readGroups(text), DataError, `${text}: must be JSON, got `);
    const list = await file("list.json", '{"a": []}');
    await expectRejection(
      readGroups(list),
      DataError,
      `${list}: must be an object of group by name, got [] for "a"`,
    );
  });
});

describe("grouping samples", () => {
  const samples = [{ name: "a_1", group: "set" }, { name: "b_1" }];

  it("follows the rule given, or else the data set", async () => {
    expect(await groupSamples(samples)).toEqual({ samples, groupedBy: "the data set" });
    expect(await groupSamples([{ name: "a" }])).toEqual({ samples: [{ name: "a" }] });
    const byPattern = await groupSamples(samples, "_(.)$");
    expect(byPattern.samples.map(({ group }) => group)).toEqual(["1", "1"]);
    expect(byPattern.groupedBy).toBe("pattern _(.)$");
    const path = await file("g.csv", "name,group\na_1,x\nb_1,y\n");
    const byTable = await groupSamples(samples, path);
    expect(byTable.samples.map(({ group }) => group)).toEqual(["x", "y"]);
    expect(byTable.groupedBy).toBe(`table ${path}`);
  });
});

describe("a split file", () => {
  it("keeps protocol and groups", async () => {
    const split = {
      train: ["a", "b"],
      validation: [],
      test: ["c"],
      protocol: {
        method: "folds" as const,
        pool: "train" as const,
        officialTest: false,
        fold: 1,
        folds: 2,
        seed: 0,
        groupedBy: "the data set",
      },
      groups: { a: "1", b: "1", c: "2" },
    };
    const path = join(folder, "fold-1.json");
    await writeSplit(path, split);
    expect(await readSplit(path)).toEqual(split);
  });

  it("may repeat a name only between the pool and an official test part, and cut no group", async () => {
    const protocol = { method: "official" as const, pool: "train" as const, officialTest: true };
    const path = join(folder, "split.json");
    const split = { train: ["a"], validation: [], test: ["a"], protocol };
    await writeSplit(path, split);
    expect(await readSplit(path)).toEqual(split);
    await writeSplit(path, { ...split, test: ["a", "a"] });
    await expectRejection(
      readSplit(path),
      DataError,
      `${path}: a name must be in one part only once, got a twice`,
    );
    const cut = { train: ["a"], validation: ["b"], test: [], groups: { a: "g", b: "g" } };
    await writeSplit(path, cut);
    await expectRejection(
      readSplit(path),
      DataError,
      `${path}: a group must be in one part only, got g in train and, with b, in validation`,
    );
  });

  it("keeps the group of an image of any name, and gives none to images that have none", async () => {
    const samples = [
      { name: "__proto__", group: "p1" },
      { name: "b", group: "p1" },
    ];
    const path = join(folder, "names.json");
    const groups = groupsOf(samples)!;
    await writeSplit(path, { train: ["__proto__", "b"], validation: [], test: [], groups });
    const split = await readSplit(path);
    expect(Object.entries(split.groups!)).toEqual([
      ["__proto__", "p1"],
      ["b", "p1"],
    ]);
    for (const found of [groups, split.groups!]) {
      expect([found["__proto__"], found["constructor"]]).toEqual(["p1", undefined]);
    }
    // Nothing that every object has is a group: these two share none.
    const none = { train: ["constructor"], validation: ["toString"], test: [], groups: { x: "g" } };
    await writeSplit(path, none);
    expect((await readSplit(path)).train).toEqual(["constructor"]);
    await writeFile(
      path,
      '{"train": ["__proto__"], "validation": ["b"], "test": [], "groups": []}',
    );
    await expectRejection(
      readSplit(path),
      DataError,
      `${path}: split must hold lists of names train, validation and test, got groups that are no object of group by name at groups`,
    );
    const cut =
      '{"train": ["__proto__"], "validation": ["b"], "test": [], "groups": {"__proto__": "g", "b": "g"}}';
    await writeFile(path, cut);
    await expectRejection(
      readSplit(path),
      DataError,
      `${path}: a group must be in one part only, got g in train and, with b, in validation`,
    );
    const table = join(folder, "names-of-groups.json");
    await writeFile(table, '{"__proto__": "p1", "b": 2}');
    expect([...(await readGroups(table))]).toEqual([
      ["__proto__", "p1"],
      ["b", "2"],
    ]);
  });
});
