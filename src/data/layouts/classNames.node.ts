/** The names of classes, and what the label files hold, as files beside the images say it. */
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { isRecord, jsonOf, shown } from "../../base/json.ts";
import { labelKinds } from "../dataset.ts";
import { readText } from "../../base/files.node.ts";
import type { LabelKind } from "./layoutReader.node.ts";

/** Most classes: a class number has 8 bits. */
export const mostClasses = 255;

/** What `classes.txt` or `classes.json` says. */
export interface ClassesFile {
  readonly path: string;
  /** Names of the classes 1 to K. */
  readonly classes: readonly string[];
  /** What the label files hold, where the file says it. */
  readonly labels?: Exclude<LabelKind, "auto">;
}

/**
 * The classes named in `classes.txt` (a name a line, the first is class 1) or `classes.json` (a list of
 * names, or `{"classes": [...], "labels": "mask" | "classes" | "instances"}`) of a folder; undefined
 * if it has neither.
 *
 * @throws {DataError} if it has both, or the names are missing, repeated, or more than 255.
 */
export async function readClassesFile(
  folder: string,
  files: readonly string[],
): Promise<ClassesFile | undefined> {
  const found = files.filter((name) => /^classes\.(txt|json)$/i.test(name));
  const [name, other] = found;
  if (name === undefined) return undefined;
  const path = join(folder, name);
  if (other !== undefined) {
    throw new DataError(`${path}: classes must be named in one file, got ${other} beside it`);
  }
  const text = (await readText(path)).replace(/^\uFEFF/, "");
  if (/\.txt$/i.test(name)) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    while (lines.at(-1) === "") lines.pop();
    return { path, classes: checkClassNames(path, lines) };
  }
  const value = jsonOf(path, text);
  if (Array.isArray(value)) return { path, classes: checkClassNames(path, value) };
  if (!isRecord(value) || !Array.isArray(value.classes)) {
    throw new DataError(
      `${path}: must be a list of class names, or an object with one under "classes", got ${shown(value)}`,
    );
  }
  const { labels } = value;
  const kind = labelKinds.find((each) => each === labels && each !== "auto");
  if (labels !== undefined && (kind === undefined || kind === "auto")) {
    throw new DataError(
      `${path}: labels must be one of mask, classes, instances, got ${shown(labels)}`,
    );
  }
  const classes = checkClassNames(path, value.classes);
  return { path, classes, ...(kind !== undefined && kind !== "auto" && { labels: kind }) };
}

/** @throws {DataError} unless they are 1 to 255 different, non-empty texts. */
export function checkClassNames(path: string, names: readonly unknown[]): readonly string[] {
  if (names.length === 0 || names.length > mostClasses) {
    throw new DataError(
      `${path}: must name 1 to ${mostClasses} classes (not the background), got ${names.length}`,
    );
  }
  const seen = new Set<string>();
  return names.map((name, i) => {
    if (typeof name !== "string" || name.trim() === "") {
      throw new DataError(`${path}: class ${i + 1} must have a name, got ${shown(name)}`);
    }
    if (seen.has(name)) {
      throw new DataError(`${path}: class names must be unique, got ${shown(name)} twice`);
    }
    seen.add(name);
    return name;
  });
}
