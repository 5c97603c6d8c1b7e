/** What every layout of data sets on disk provides. */
import type { Dataset, labelKinds, Layout, Sample } from "../dataset.ts";
import type { LabelRules } from "../labels/labelRules.ts";
import type { FolderTree } from "./folderTree.node.ts";

export type LabelKind = (typeof labelKinds)[number];

/** Something of the layout is there, but not enough. */
export interface NearMiss {
  /** What to do to complete it, as `put the masks into masks/ beside images/`. */
  readonly missing: string;
}

export interface LayoutReader {
  readonly layout: Layout;
  /** Which rules its label files can be read by. */
  readonly rules: readonly (keyof LabelRules)[];
  /** What it looks for, in one line. */
  readonly looksFor: string;
  /**
   * The data set under the tree's root, if it is of this layout; undefined if nothing looks like it.
   *
   * @throws {DataError} if it is of this layout beyond doubt, and something is wrong with it.
   */
  open(tree: FolderTree, told: LabelsTold): Promise<Dataset | NearMiss | undefined>;
}

/** What a person says about the labels. */
export interface LabelsTold {
  readonly labels: LabelKind;
  readonly rules?: LabelRules | undefined;
}

export const isDataset = (found: Dataset | NearMiss | undefined): found is Dataset =>
  found !== undefined && "layout" in found;

/** One class against the background. */
export const binary = { classes: ["foreground"], instances: false };

export type Part = "train" | "validation" | "test";
export const parts: readonly Part[] = ["train", "validation", "test"];

/** Samples by part. */
export type Parts = Record<Part, Sample[]>;
export const noParts = (): Parts => ({ train: [], validation: [], test: [] });
export const countOf = ({ train, validation, test }: Parts): number =>
  train.length + validation.length + test.length;
