/** Public interface on Node: what touches the file system, one line a concept. */

// The package
export { packageVersion } from "./base/packageVersion.node.ts";

// Errors
export * from "./base/errors.ts";

// Words
export { counted } from "./base/counted.ts";

// Commands, as functions
export {
  train,
  type TrainHooks,
  type TrainOptions,
  type TrainResult,
} from "./commands/train.node.ts";
export {
  crossValidate,
  type CrossValidateHooks,
  type CrossValidateOptions,
  type CrossValidateResult,
  type FoldEvent,
} from "./commands/crossValidate.node.ts";
export { foldEvaluationSchema, protocolSchema } from "./commands/crossValidateSchema.ts";
export { formatFolds } from "./report/foldTables.ts";
export {
  evaluate,
  evaluateSchema,
  type EvaluateHooks,
  type EvaluateOptions,
  type EvaluateResult,
} from "./commands/evaluate.node.ts";
export {
  predict,
  predictSchema,
  type FailedImage,
  type PredictHooks,
  type PredictOptions,
  type PredictResult,
  type PredictedImage,
} from "./commands/predict.node.ts";
export { view, viewSchema, type ViewHooks, type ViewOptions } from "./commands/view.node.ts";
export {
  exportNetwork,
  exportSchema,
  type ExportedValue,
  type ExportOptions,
  type ExportResult,
} from "./commands/export.node.ts";
export {
  score,
  scoreSchema,
  type ScoreCommandOptions as ScoreOptions,
  type ScoreResult,
} from "./commands/score.node.ts";
export {
  compare,
  compareSchema,
  formatComparison,
  type CompareOptions,
  type CompareResult,
} from "./commands/compare.node.ts";
export {
  stress,
  stressSchema,
  type StressHooks,
  type StressOptions,
  type StressResult,
} from "./commands/stress.node.ts";
export type { StressCell } from "./score/stressCells.ts";
export {
  inspect,
  inspectSchema,
  type InspectOptions,
  type InspectResult,
} from "./commands/inspect.node.ts";
export {
  listNetworks,
  networksSchema,
  type ListedNetwork,
  type NetworksOptions,
} from "./commands/networks.ts";
export { doctor, type DoctorReport } from "./commands/doctor.node.ts";
export {
  phantom,
  phantomSchema,
  type PhantomCommandOptions as PhantomOptions,
  type PhantomResult,
} from "./commands/phantom.node.ts";
export { demo, demoSchema, type DemoOptions, type DemoResult } from "./commands/demo.node.ts";

export {
  augmentSheet,
  augmentSheetSchema,
  type AugmentSheetOptions,
  type AugmentSheetResult,
} from "./commands/augmentSheet.node.ts";

// Data sets
export { targetForms, type TargetForm } from "./data/convert/convertDataset.node.ts";
export {
  dataConvert,
  dataConvertSchema,
  type DataConvertHooks,
  type DataConvertOptions,
  type DataConvertResult,
} from "./commands/dataConvert.node.ts";
export {
  dataInspect,
  dataInspectSchema,
  type DataInspection,
  type DataInspectOptions,
} from "./commands/dataInspect.node.ts";

export {
  splitData,
  splitDataSchema,
  type SplitDataOptions,
  type SplitDataResult,
} from "./commands/splitData.node.ts";
export { findNearDuplicates, type NearDuplicates } from "./data/splits/nearDuplicates.node.ts";
export { nearDuplicateLines } from "./report/nearDuplicateLines.ts";

// Options and configuration
export { augmentOptionNames } from "./run/augmentOptions.ts";
export { mergeOptions, presetNames, resolveConfig, runConfigSchema } from "./run/config.ts";
export type { NetworkChoice, PresetName, RunConfig, RunOptions } from "./run/config.ts";
export { presets } from "./run/presets.ts";
export { readOptionsFile, readRunConfig } from "./run/readRunConfig.node.ts";
export { leavesOf, parseFlag, type OptionLeaf } from "./base/options.ts";
export { didYouMean } from "./base/suggest.ts";
export { visible, visibleLine } from "./base/visible.ts";

// Runs and checkpoints
export type { EpochEvent, EpochRecord, FitEvents, StepEvent } from "./train/progress.ts";
export { runFolder, type RunFolder } from "./run/runFolder.node.ts";
export { readCheckpoint } from "./run/checkpoint.node.ts";
export type { Checkpoint } from "./run/checkpoint.ts";
export type { DataIdentity, ImageIdentity, RunOrigin } from "./run/origin.ts";
export { seenImages, type Seen } from "./run/seenImages.node.ts";
export { openCheckpoint, type OpenedCheckpoint } from "./run/openCheckpoint.node.ts";

// Safetensors files
export { readSafetensors, readSafetensorsHeader } from "./tensor/safetensors.node.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./tensor/safetensors.ts";

// The engine that commands run on
export type { Engine } from "./network/engine.ts";

// Scores as text
export {
  formatClassTable,
  formatInstanceTable,
  formatScores,
  formatTable,
} from "./report/scoreText.ts";
export { formatSeen, seenLine } from "./report/seenText.ts";
export { doubtLine } from "./report/doubtText.ts";
export { stressRows, worstShift } from "./report/stressText.ts";
export { toClassCsv, toCsv, toInstanceCsv } from "./report/scoreCsv.ts";
export { textTable } from "./report/textTable.ts";
export { toJson } from "./base/toJson.ts";
export type { ImageScores, Scores, Summaries } from "./score/scores.ts";
export type { SeenImage, SeenScores } from "./score/seenScores.ts";

// Files of images and labels
export type { Sample, LabelSource } from "./data/dataset.ts";
export { openImage, type ReadOptions } from "./data/images/openImage.node.ts";
export { readImage } from "./data/images/readImage.node.ts";
export { readMaskFile } from "./data/labels/labelFiles.node.ts";
export { readLabelSource } from "./data/labels/readLabelSource.node.ts";
export { openSample, readSample } from "./data/readSample.node.ts";
export { openNpy, readNpyEntry, type NpyFile } from "./data/formats/readNpy.node.ts";
export { writeImagePng, writeLabelPng, writeMaskPng } from "./data/formats/writePng.node.ts";

export {
  reproduce,
  reproduceSchema,
  type PlannedRun,
  type ReproduceHooks,
  type ReproduceOptions,
  type ReproduceResult,
  type RunEvent,
} from "./commands/reproduce.node.ts";
export { textTables, type TextTable } from "./report/paperTableTexts.ts";
export { paperTables, type PaperTable, type TableRow } from "./tables/paperTables.ts";
export type { TableSummary } from "./tables/summariseTable.ts";

// Several processes
export { launcherSchema, type LauncherOptions } from "./cluster/launcherOptions.ts";
export { launchedAs, type Launched } from "./cluster/launched.ts";
export { openRanks, withRanks } from "./cluster/openRanks.node.ts";
export { wasTold } from "./train/ranks.ts";
