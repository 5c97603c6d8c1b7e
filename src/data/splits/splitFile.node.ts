/** Splits as files: `split.json` of a run, and the files of folds. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../../base/errors.ts";
import { isRecord, jsonOf } from "../../base/json.ts";
import { valuesByName } from "../../base/names.ts";
import { atomicWriteFile, readText } from "../../base/files.node.ts";
import { splitPools, type Split } from "./split.ts";

const names = z.array(z.string());
const count = z.int().min(1);
const protocol = z.strictObject({
  method: z.enum(["folds", "ratio", "official"]),
  pool: z.enum(splitPools),
  officialTest: z.boolean(),
  fold: count.exactOptional(),
  folds: count.exactOptional(),
  shuffled: z.boolean().exactOptional(),
  ratio: z.array(z.number()).exactOptional(),
  validation: z.number().exactOptional(),
  seed: z.int().exactOptional(),
  groupedBy: z.string().exactOptional(),
});
/** No `z.record`, which leaves an image named `__proto__` out. */
const groups = z
  .custom<Readonly<Record<string, string>>>(
    (value) => isRecord(value) && Object.values(value).every((each) => typeof each === "string"),
    "groups that are no object of group by name",
  )
  .transform((value) => valuesByName(Object.entries(value)));
const schema = z.strictObject({
  train: names,
  validation: names,
  test: names,
  protocol: protocol.exactOptional(),
  groups: groups.exactOptional(),
});

/** Writes the names of each part as JSON. @throws {DataError} if the file cannot be written. */
export async function writeSplit(path: string, split: Split): Promise<void> {
  await atomicWriteFile(path, JSON.stringify(split, null, 2) + "\n");
}

/**
 * @throws {DataError} if the file is unreadable, no split, lists a name twice, or cuts one of its groups.
 */
export async function readSplit(path: string): Promise<Split> {
  const json = jsonOf(path, await readText(path, "a readable split"));
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join(".") ?? "";
    throw new DataError(
      `${path}: split must hold lists of names train, validation and test, got ${issue?.message ?? "something else"}${place === "" ? "" : ` at ${place}`}`,
    );
  }
  checkNames(path, parsed.data);
  return parsed.data;
}

/**
 * The splits of a folder's files fold-1.json, fold-2.json and so on.
 *
 * @throws {DataError} if there are fewer than two, and as `readSplit`.
 */
export async function readFolds(path: string): Promise<Split[]> {
  const files = await readdir(path).catch((): string[] => []);
  const splits: Split[] = [];
  while (files.includes(`fold-${splits.length + 1}.json`)) {
    splits.push(await readSplit(join(path, `fold-${splits.length + 1}.json`)));
  }
  if (splits.length >= 2) return splits;
  throw new DataError(
    `${path}: folder of splits must hold fold-1.json, fold-2.json and so on, got ${splits.length}; sgdc data split makes them`,
  );
}

function checkNames(path: string, split: Split): void {
  const { train, validation, test, protocol, groups } = split;
  // Names of a data set's own test part may repeat those of its training part.
  const own = protocol?.officialTest ? [] : test;
  const all = [...train, ...validation, ...own].sort();
  const twice =
    all.find((name, i) => name === all[i + 1]) ??
    [...test].sort().find((name, i, sorted) => name === sorted[i + 1]);
  if (twice !== undefined) {
    throw new DataError(`${path}: a name must be in one part only once, got ${twice} twice`);
  }
  const partOf = new Map<string, string>();
  for (const [part, members] of Object.entries({ train, validation, test: own })) {
    for (const name of members) {
      const group = groups?.[name];
      if (group === undefined) continue;
      const before = partOf.get(group) ?? part;
      if (before !== part) {
        throw new DataError(
          `${path}: a group must be in one part only, got ${group} in ${before} and, with ${name}, in ${part}`,
        );
      }
      partOf.set(group, part);
    }
  }
}
