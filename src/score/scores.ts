/** The scores of a set of images, in one shape whatever was scored: each image's own, and their summary. */
import type { SpacingCount } from "../data/images/spacing.ts";
import type { BootstrapOptions } from "../metrics/bootstrap.ts";
import { summariseClasses } from "../metrics/scoreClasses.ts";
import type { ClassScores, ClassSummary } from "../metrics/scoreClasses.ts";
import type { PairInstanceScores } from "../metrics/scoreInstances.ts";
import type { PairScores } from "../metrics/scorePair.ts";
import { summarise, type Summary } from "../metrics/summarise.ts";
import { summariseInstances, type InstanceSummary } from "../metrics/summariseInstances.ts";

/** One image's name and scores: of masks, unless said otherwise. */
export interface ImageScores<Own = PairScores> {
  readonly name: string;
  /** Patient or source image, where it is known. */
  readonly group?: string;
  readonly scores: Own;
}

/** The scores of every image, without a summary. All lists are of the same images in the same order. */
export interface ScoreRows {
  /** Of the foreground: all classes joined. */
  readonly perImage: readonly ImageScores[];
  /** Of each class, where there are several. */
  readonly classes?: readonly ImageScores<ClassScores>[];
  /** Of the instances, where they are told apart. */
  readonly instances?: readonly ImageScores<PairInstanceScores>[];
}

/** Scores with their summaries. All `perImage` are of the same images in the same order. */
export interface Scores {
  /** Of the foreground: all classes joined. */
  readonly perImage: readonly ImageScores[];
  readonly summary: Summary;
  /** Of each class, where there are several. */
  readonly classes?: {
    readonly perImage: readonly ImageScores<ClassScores>[];
    readonly summary: ClassSummary;
  };
  /** Of the instances, where they are told apart. */
  readonly instances?: {
    readonly perImage: readonly ImageScores<PairInstanceScores>[];
    readonly summary: InstanceSummary;
  };
  /** How many images tell the size of their pixels in mm; absent if a spacing was given. */
  readonly spacing?: SpacingCount;
  /** Names of the classes 1 to K; default `class 1` and so on. */
  readonly classNames?: readonly string[];
}

/** The summaries of scores, without any image of its own. */
export interface Summaries {
  readonly summary: Summary;
  readonly classes?: { readonly summary: ClassSummary };
  readonly instances?: { readonly summary: InstanceSummary };
}

export const summariesOf = ({ summary, classes, instances }: Summaries): Summaries => ({
  summary,
  ...(classes && { classes: { summary: classes.summary } }),
  ...(instances && { instances: { summary: instances.summary } }),
});

/**
 * Sums up rows. Where images belong to groups, the intervals are those of groups.
 *
 * @param options  of the means' confidence intervals; the groups are those of the rows.
 * @throws {ArgumentError} if scores of several units, policies, tolerances or numbers of classes are mixed.
 */
export function summariseRows(
  { perImage, classes, instances }: ScoreRows,
  options: Omit<BootstrapOptions, "groups"> = {},
): Scores {
  const bootstrap = { ...options, groups: perImage.map(({ group }) => group) };
  return {
    perImage,
    summary: summarise(scoresOf(perImage), bootstrap),
    ...(classes && {
      classes: { perImage: classes, summary: summariseClasses(scoresOf(classes), bootstrap) },
    }),
    ...(instances && {
      instances: {
        perImage: instances,
        summary: summariseInstances(scoresOf(instances), bootstrap),
      },
    }),
  };
}

/** The rows of scores. */
export const rowsOf = ({ perImage, classes, instances }: Scores): ScoreRows => ({
  perImage,
  ...(classes && { classes: classes.perImage }),
  ...(instances && { instances: instances.perImage }),
});

/** The rows of several sets, one after another; classes and instances where all sets have them. */
export function joinRows(sets: readonly ScoreRows[]): ScoreRows {
  const all = (key: "classes" | "instances") =>
    sets.every((rows) => rows[key] !== undefined) && sets.length > 0;
  return {
    perImage: sets.flatMap(({ perImage }) => perImage),
    ...(all("classes") && { classes: sets.flatMap(({ classes = [] }) => classes) }),
    ...(all("instances") && { instances: sets.flatMap(({ instances = [] }) => instances) }),
  };
}

const scoresOf = <Own>(all: readonly ImageScores<Own>[]): Own[] => all.map(({ scores }) => scores);
