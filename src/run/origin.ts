/** Where a checkpoint comes from: the program, and the data by their content. */
import { z } from "zod";
import type { Split } from "../data/splits/split.ts";

/** An image that was trained on or that validated, with its labels. */
const imageSchema = z.strictObject({
  /** As in the split. */
  name: z.string(),
  /** Size of the image's file, or of its entry in an array. */
  bytes: z.int().min(0),
  /** SHA-256 of these bytes, hexadecimal. */
  image: z.string(),
  /** SHA-256 of the label file; of several files or other forms, as `labelsHash` says. */
  labels: z.string(),
});

/** A data set as a run has used it. */
export const dataIdentitySchema = z.strictObject({
  train: z.array(imageSchema),
  validation: z.array(imageSchema),
  /** As in split.json, whose reader checks it. */
  split: z.custom<Split>((value) => typeof value === "object" && value !== null),
  /** Names of the data set that are in no part. */
  others: z.array(z.string()),
  /** Trained on or validated with before the run was resumed with changed data. */
  former: z
    .strictObject({ train: z.array(imageSchema), validation: z.array(imageSchema) })
    .exactOptional(),
});

export const programSchema = z.strictObject({
  /** Of sgdc. */
  version: z.string(),
  engine: z.string(),
  /** Threads of the engine, those of a default counted out. */
  threads: z.int(),
  processor: z.string(),
});

export const originSchema = z.strictObject({
  program: programSchema,
  data: dataIdentitySchema,
  /** What training images look like, as `appearanceOf` says of some of them; absent before this was measured. */
  appearance: z.array(z.array(z.number())).exactOptional(),
});

export type ImageIdentity = z.output<typeof imageSchema>;
export type DataIdentity = z.output<typeof dataIdentitySchema>;
export type ProgramIdentity = z.output<typeof programSchema>;
export type RunOrigin = z.output<typeof originSchema>;

/** Names by what has happened to them since. */
export interface DataChanges {
  readonly changedImages: readonly string[];
  readonly changedLabels: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** What differs between the data of a run and those found now. */
export function dataChanges(saved: DataIdentity, now: DataIdentity): DataChanges {
  const used = (data: DataIdentity): ImageIdentity[] => [...data.train, ...data.validation];
  const all = (data: DataIdentity): string[] => [
    ...used(data).map(({ name }) => name),
    ...data.split.test,
    ...data.others,
  ];
  const before = new Map(used(saved).map((image) => [image.name, image]));
  const pairs = used(now).flatMap((image) => {
    const old = before.get(image.name);
    return old ? [[old, image] as const] : [];
  });
  const changed = (what: "image" | "labels"): string[] =>
    pairs.filter(([old, image]) => old[what] !== image[what]).map(([, { name }]) => name);
  const [then, present] = [new Set(all(saved)), new Set(all(now))];
  return {
    changedImages: changed("image"),
    changedLabels: changed("labels"),
    removed: [...then].filter((name) => !present.has(name)),
    added: [...present].filter((name) => !then.has(name)),
  };
}

/** The changes as lines, `2 images changed: a, b`; none if there are none. */
export function changeLines(changes: DataChanges): string[] {
  const { changedImages, changedLabels, removed, added } = changes;
  const line = (list: readonly string[], one: string, several: string): string[] => {
    if (list.length === 0) return [];
    const shown = list.slice(0, 20).join(", ");
    const more = list.length > 20 ? ` and ${list.length - 20} more` : "";
    return [`${list.length} ${list.length === 1 ? one : several}: ${shown}${more}`];
  };
  return [
    ...line(changedImages, "image changed", "images changed"),
    ...line(changedLabels, "image with changed labels", "images with changed labels"),
    ...line(removed, "image removed", "images removed"),
    ...line(added, "image added", "images added"),
  ];
}

/** What differs between two programs, e.g. `threads 2, now 4`; empty if results are equal bit for bit. */
export function programChanges(saved: ProgramIdentity, now: ProgramIdentity): string[] {
  const words = {
    version: "sgdc",
    engine: "ONNX Runtime",
    threads: "threads",
    processor: "processor",
  };
  return (Object.keys(words) as (keyof ProgramIdentity)[])
    .filter((key) => saved[key] !== now[key])
    .map((key) => `${words[key]} ${saved[key]}, now ${now[key]}`);
}

/** The data to keep with a checkpoint when a run goes on with others: what was used before is not forgotten. */
export function withFormer(saved: DataIdentity, now: DataIdentity): DataIdentity {
  const lost = (part: "train" | "validation"): ImageIdentity[] => {
    const kept = new Set(now[part].map(({ image }) => image));
    const known = [...(saved.former?.[part] ?? []), ...saved[part]];
    return known.filter(({ image }) => !kept.has(image));
  };
  const former = { train: lost("train"), validation: lost("validation") };
  const some = former.train.length + former.validation.length > 0;
  return some ? { ...now, former } : now;
}
