/** Reading the scores of every image back from scores.json. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fileReason, readText } from "../base/files.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { jsonOf } from "../base/json.ts";
import { exists } from "../run/runFolder.node.ts";

/** What a file of scores says about its images. */
export interface ReadScores {
  /** The file that was read. */
  readonly path: string;
  /** By name of the image, the numbers by name of the metric; NaN where the file says null. */
  readonly images: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The same of the means over the classes that an image holds; absent without several classes. */
  readonly classImages?: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Patient or source image by name of the image, where the file tells it. */
  readonly groups: ReadonlyMap<string, string>;
  /** By which rules the first image was scored. */
  readonly how: {
    readonly unit?: string;
    readonly emptyPolicy?: string;
    readonly nsdTolerance?: string;
  };
}

const number = z.union([
  z.number(),
  z.null().transform(() => NaN),
  z.literal("Infinity").transform(() => Infinity),
  z.literal("-Infinity").transform(() => -Infinity),
]);

const fields = z.record(z.string(), z.unknown());

const rows = z.array(z.object({ name: z.string(), group: z.string().optional(), scores: fields }));
const section = z.object({ perImage: rows }).optional();

const schema = z.object({
  perImage: rows.min(1),
  /** Beside the foreground, as evaluate writes them. */
  instances: section,
  classes: section,
  /** Beside instances or classes, as score writes it. */
  foreground: section,
});

/**
 * Reads the scores that `evaluate --out`, `cross-validate` or `score --json` wrote.
 *
 * @param path  the file, or a folder with `scores.json`, directly or in just one of its folders.
 * @throws {DataError} if there is no such file, it is no JSON, holds no scores or an image twice.
 * @throws {ArgumentError} if several folders in `path` hold scores.
 */
export async function readScores(path: string): Promise<ReadScores> {
  const file = await findScores(path);
  const parsed = schema.safeParse(jsonOf(file, await readText(file)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue!.path.length === 0 ? "the whole" : issue!.path.join(".");
    throw new DataError(
      `${file}: must hold scores as evaluate writes them (perImage: name and scores), ` +
        `got a fault at ${place}: ${issue!.message.toLowerCase()}`,
    );
  }
  const { perImage, instances, classes, foreground } = parsed.data;
  const images = new Map<string, Map<string, number>>();
  const groups = new Map<string, string>();
  for (const { name, group, scores } of perImage) {
    if (images.has(name))
      throw new DataError(`${file}: every image must occur once, got ${name} twice`);
    images.set(name, numbersOf(scores));
    if (group !== undefined) groups.set(name, group);
  }
  // What an image has under a name already, stays: the headline scores come first.
  for (const { name, scores } of [instances, foreground].flatMap((part) => part?.perImage ?? [])) {
    const numbers = images.get(name);
    for (const [key, value] of numbersOf(scores))
      if (numbers && !numbers.has(key)) numbers.set(key, value);
  }
  // Files of version 0.1 have the means over all classes alone, those of score in the first list.
  const ofClasses =
    classes?.perImage ?? perImage.filter(({ scores }) => "perClass" in scores && "mean" in scores);
  const classImages = new Map(
    ofClasses.map(({ name, scores }) => {
      const held = fields.safeParse(scores.held);
      return [name, numbersOf(held.success ? held.data : scores)] as const;
    }),
  );
  const how = rulesOf(perImage[0]!.scores);
  const [first] = foreground?.perImage ?? [];
  const several = classImages.size > 0 && { classImages };
  return {
    path: file,
    images,
    ...several,
    groups,
    how: first ? { ...rulesOf(first.scores), ...how } : how,
  };
}

async function findScores(path: string): Promise<string> {
  const info = await stat(path).catch((error: unknown) => {
    throw new DataError(
      `${path}: must be scores.json or a folder that holds it, got ${fileReason(error)}`,
      { cause: error },
    );
  });
  if (!info.isDirectory()) return path;
  if (await exists(join(path, "scores.json"))) return join(path, "scores.json");
  const entries = await readdir(path, { withFileTypes: true });
  const inside: string[] = [];
  for (const entry of entries.filter((e) => e.isDirectory())) {
    const file = join(path, entry.name, "scores.json");
    if (await exists(file)) inside.push(file);
  }
  if (inside.length > 1)
    throw new ArgumentError(
      `${path}: must hold one scores.json, got ${inside.sort().join(", ")}; give one of them`,
    );
  if (inside.length === 0)
    throw new DataError(
      `${path}: must hold scores.json, directly or in one of its folders, got none; ` +
        `evaluate the run with --out first`,
    );
  return inside[0]!;
}

/** The numbers among the fields; of several classes the means over them. */
function numbersOf(scores: Readonly<Record<string, unknown>>): Map<string, number> {
  const mean = fields.safeParse(scores.mean);
  const numbers = new Map<string, number>();
  for (const [key, value] of Object.entries(mean.success ? mean.data : scores)) {
    const parsed = number.safeParse(value);
    if (parsed.success) numbers.set(key, parsed.data);
  }
  return numbers;
}

function rulesOf(scores: Readonly<Record<string, unknown>>): ReadScores["how"] {
  // Of several classes, all were scored by the rules of the first.
  const perClass = z.array(fields).min(1).safeParse(scores.perClass);
  const from = scores.unit === undefined && perClass.success ? perClass.data[0]! : scores;
  const text = (key: string) => {
    const value = from[key];
    return typeof value === "string" || typeof value === "number" ? { [key]: String(value) } : {};
  };
  return { ...text("unit"), ...text("emptyPolicy"), ...text("nsdTolerance") };
}
