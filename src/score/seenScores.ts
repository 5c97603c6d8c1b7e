/** Scores beside those without the images that the network has met in its training. */
import { rowsOf, summariesOf, summariseRows } from "./scores.ts";
import type { ScoreRows, Scores, Summaries } from "./scores.ts";

/** An evaluated image that the network has met. */
export interface SeenImage {
  readonly name: string;
  /** `train`: its weights were fitted to it; `validation`: the best epoch was chosen by it. */
  readonly part: "train" | "validation";
  /** The name that it had then. */
  readonly as: string;
  /** How that is known: by the content of the file, by the run's own split, or since it looks the same. */
  readonly by: "content" | "split" | "likeness";
}

export interface SeenScores {
  /** Whether it is known what the network was trained on: the content of the files, their names alone, or nothing. */
  readonly known: "content" | "names" | "nothing";
  /** How many of the images the network was trained on, and how many others its best epoch was chosen by. */
  readonly trained: number;
  readonly chosen: number;
  readonly images: readonly SeenImage[];
  /** The summaries over all other images; absent if there are no others, or all are. */
  readonly unseen?: Summaries;
}

/** Scores as they are, and without the images that were seen. */
export function seenScores(
  scores: Scores,
  images: readonly SeenImage[],
  known: SeenScores["known"],
): SeenScores {
  const seen = new Set(images.map(({ name }) => name));
  const others = rowsWithout(rowsOf(scores), seen);
  const some = seen.size > 0 && others.perImage.length > 0;
  return {
    known,
    trained: images.filter(({ part }) => part === "train").length,
    chosen: images.filter(({ part }) => part === "validation").length,
    images,
    ...(some && { unseen: summariesOf(summariseRows(others)) }),
  };
}

function rowsWithout(rows: ScoreRows, names: ReadonlySet<string>): ScoreRows {
  const kept = <Row extends { readonly name: string }>(all: readonly Row[]): Row[] =>
    all.filter(({ name }) => !names.has(name));
  return {
    perImage: kept(rows.perImage),
    ...(rows.classes && { classes: kept(rows.classes) }),
    ...(rows.instances && { instances: kept(rows.instances) }),
  };
}
