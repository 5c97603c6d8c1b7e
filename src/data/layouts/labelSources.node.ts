/** What the label files of a folder mean: two values, classes or instances; told, named, or found by looking. */
import { ArgumentError, DataError } from "../../base/errors.ts";
import type { LabelSource } from "../dataset.ts";
import { classesOfColours, type LabelRules } from "../labels/labelRules.ts";
import { readLabelMapFile } from "../labels/labelFiles.node.ts";
import { type ClassesFile, mostClasses } from "./classNames.node.ts";
import { binary, type LabelKind } from "./layoutReader.node.ts";
import { type LabelLook, lookAtLabels, spread } from "./lookAtLabels.node.ts";
import type { Pair } from "./pairFolders.node.ts";

/** How many files are looked at, evenly spread over the sorted ones. */
const lookedAt = 16;
/** More different values in a file than this are no classes. */
const manyValues = 20;
/** Share of the values that must be one connected region for values to be instances. */
const mostlyConnected = 0.9;

/** An image with its label file, or with two: classes and instances. */
export interface LabelledPair extends Pair {
  /** Instance map beside `mask`, which then holds classes. */
  readonly instances?: string;
}

/** What label files hold, and how to read one. */
export interface LabelSources {
  readonly classes: readonly string[];
  readonly instances: boolean;
  readonly sourceOf: (pair: LabelledPair) => LabelSource;
}

/** What is known of the label files before any is opened. */
export interface LabelHints {
  /** As told by `--labels`. */
  readonly labels: LabelKind;
  readonly rules?: LabelRules | undefined;
  readonly classesFile: ClassesFile | undefined;
  /** Whether they lie in a folder of instance maps. */
  readonly inInstances: boolean;
}

/**
 * Decides by the first of these that says it: the option, the folder's name, the classes file, and last a
 * look at 16 of the files.
 *
 * Two values (0 and 255, or 0 and 1) in most files: masks. A classes file: classes. Maps of 16 bits
 * or of more than 20 values, nearly each of them one connected region: instances.
 *
 * @throws {DataError} if the files may be either classes or instances, or more classes than names or 255.
 */
export async function labelSources(
  root: string,
  pairs: readonly LabelledPair[],
  { labels, rules, classesFile, inInstances }: LabelHints,
): Promise<LabelSources> {
  const names = classesFile?.classes;
  const told = toldKind(labels === "auto" ? classesFile?.labels : labels, rules);
  if (
    pairs.some(({ instances }) => instances !== undefined) &&
    (told ?? "instances") === "instances"
  ) {
    return instancesOfClasses(names ?? (await numberedClasses(pairs, rules)));
  }
  const coloured = classesOfColours(rules?.colours ?? []);
  if (names !== undefined && coloured > names.length) {
    throw new DataError(
      `${classesFile!.path}: must name every class that --colour names, up to ${coloured}, got ${names.length}`,
    );
  }
  const kind = told ?? (inInstances ? "instances" : await lookAtAll(root, pairs, names, rules));
  if (kind === "classes") return classMaps(names ?? (await numberedClasses(pairs, rules)));
  if (names !== undefined && names.length > 1) {
    const meaning = kind === "mask" ? "masks of one class" : "instances of one class";
    throw new DataError(
      `${classesFile!.path}: must name one class for ${meaning}, got ${names.length}; with labels as classes it may name more`,
    );
  }
  return kind === "mask" ? masks(names) : instanceMaps(names);
}

/** Rules say what the files hold: colours are classes, and binarized files masks. */
function toldKind(
  told: Exclude<LabelKind, "auto"> | undefined,
  rules: LabelRules | undefined,
): Exclude<LabelKind, "auto"> | undefined {
  const { colours, binarize = false } = rules ?? {};
  const kind = colours !== undefined ? "classes" : binarize ? "mask" : undefined;
  if (kind === undefined || told === undefined || told === kind) return kind ?? told;
  throw new ArgumentError(
    `labels (--labels) must be ${kind} with ${colours ? "--colour" : "--binarize"}, got ${told}`,
  );
}

async function lookAtAll(
  root: string,
  pairs: readonly LabelledPair[],
  names: readonly string[] | undefined,
  rules: LabelRules | undefined,
): Promise<"mask" | "classes" | "instances"> {
  if (names !== undefined && names.length > 1) return "classes";
  const looks: LabelLook[] = [];
  const chosen = spread(pairs, lookedAt);
  for (const { mask } of chosen) {
    const look = await lookAtLabels(mask, rules);
    if (look !== undefined) looks.push(look);
  }
  const others = looks.filter(({ values }) => !isBinary(values));
  // Of a few masks that are not, reading says where the wrong value is.
  if (others.length * 2 <= chosen.length) return "mask";
  if (names !== undefined) return "classes";

  const values = others.reduce((sum, look) => sum + look.values.length, 0);
  const connected = others.reduce((sum, look) => sum + look.connected, 0);
  const many = others.some((look) => look.deep || look.values.length > manyValues);
  if (many && connected >= mostlyConnected * values) return "instances";
  const worst = others[0]!;
  const remedy = worst.values.length === 1 ? "save masks as 0 and 255, or give" : "give";
  throw new DataError(
    `${worst.path}: labels must be masks of 0 and 255, or told to be classes or instances, got the values ${shownValues(worst.values)}; ${remedy} --labels classes or --labels instances, or name the classes in ${root}/classes.txt`,
  );
}

const isBinary = (values: readonly number[]): boolean =>
  values.length === 0 || (values.length === 1 && [1, 255, 65535].includes(values[0]!));

const shownValues = (values: readonly number[]): string =>
  values.length <= 6
    ? values.join(", ")
    : `${values.slice(0, 4).join(", ")}, ... ${values.at(-1)!} (${values.length} values)`;

/** Names by number for classes that nothing names: all files are read once to find the highest. */
async function numberedClasses(
  pairs: readonly LabelledPair[],
  rules: LabelRules | undefined,
): Promise<readonly string[]> {
  let most = 1;
  for (const { mask } of rules?.colours === undefined ? pairs : []) {
    const { data } = await readLabelMapFile(mask, { rules }, mostClasses, "class map");
    for (const value of data) if (value > most) most = value;
  }
  if (rules?.colours !== undefined) most = classesOfColours(rules.colours);
  return Array.from({ length: most }, (_, i) => `class ${i + 1}`);
}

const masks = (classes: readonly string[] = binary.classes): LabelSources => ({
  classes,
  instances: false,
  sourceOf: ({ mask }) => ({ kind: "mask", path: mask }),
});

const classMaps = (classes: readonly string[]): LabelSources => ({
  classes,
  instances: false,
  sourceOf: ({ mask }) => ({ kind: "classMap", path: mask, classes: classes.length }),
});

const instanceMaps = (classes: readonly string[] = binary.classes): LabelSources => ({
  classes,
  instances: true,
  sourceOf: ({ mask }) => ({ kind: "instanceMap", path: mask }),
});

const instancesOfClasses = (classes: readonly string[]): LabelSources => ({
  classes,
  instances: true,
  sourceOf: ({ mask, instances = mask }) => ({
    kind: "instanceMap",
    path: instances,
    classMap: { path: mask, classes: classes.length },
  }),
});
