/** Public interface without a file system: all that trains, predicts and scores, for any platform. */

// Host arrays
export * from "./base/errors.ts";
export {
  full,
  int64,
  tensor,
  type DType,
  type NamedTensors,
  type Tensor,
} from "./tensor/tensor.ts";
export { type Shape } from "./tensor/shape.ts";
export { Random, fnv1a } from "./base/random.ts";
export type { FloatMap, Labels, Mask, RgbImage } from "./tensor/raster.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./tensor/safetensors.ts";

// Graphs: trace, differentiate, print, write as ONNX
export { apply, constant, defineOp, input, type Value } from "./graph/value.ts";
export { graphOf, type Graph } from "./graph/graph.ts";
export { printGraph } from "./graph/print.ts";
export { toOnnx, type ToOnnxOptions } from "./graph/toOnnx.ts";
export { macsOfNodes, peakBytes, type Macs } from "./graph/cost.ts";
export { encodeModel, type OnnxModel } from "./onnx/proto.ts";
export { backward } from "./autodiff/backward.ts";

// Operators and layers under their own names: `ops.conv2d` is the operator, `nn.conv2d` has weights
export * as ops from "./ops/index.ts";
export * as nn from "./nn/index.ts";

// Layers and blocks: functions of (scope, input, options)
export { block, Scope, type Mode, type ParameterSpec, type Registry } from "./nn/scope.ts";
export { initialValue, type Initializer } from "./nn/init.ts";
export { sgdNet, type SgdNetOptions, type SgdNetOutputs } from "./models/sgdNet.ts";
export {
  defineNetwork,
  sizedOptions,
  type Network,
  type NetworkDefinition,
  type NetworkOptions,
  type NetworkOutputs,
} from "./models/network.ts";
export { networkNamed, networkNames, networks } from "./models/registry.ts";
export { sgdc, type SgdcOptions } from "./models/refiners/sgdc.ts";
export { sge, type Sge, type SgeOptions } from "./models/blocks/sge.ts";
export { res2net, type Res2NetOptions } from "./models/blocks/res2net.ts";
export { stitchVit, type StitchVitOptions } from "./models/blocks/stitchVit.ts";
export { dualAttention, type DualAttentionOptions } from "./models/blocks/dualAttention.ts";
export { reverseAttention } from "./models/blocks/reverseAttention.ts";
export { reduce } from "./models/blocks/reduce.ts";
export { refinerNames, refiners, type RefinerName } from "./models/refiners/refiners.ts";
export type { Refiner, RefinerEntry, RefinerOptions } from "./models/refiners/refiner.ts";
export { dynamicConv2d } from "./ops/dynamicConv2d.ts";

// Losses
export { segmentationLoss, type LossOptions, type LossTerms } from "./losses/segmentationLoss.ts";
export { softDiceLoss } from "./losses/softDiceLoss.ts";
export { bceWithLogits } from "./losses/bceWithLogits.ts";
export { boundaryTarget } from "./losses/boundaryTarget.ts";
export { crossEntropy } from "./losses/crossEntropy.ts";
export { probabilities } from "./losses/probabilities.ts";

// Optimizers, schedules, averages
export { createOptimizer, type Optimizer, type OptimizerOptions } from "./optim/optimizer.ts";
export { adamRule, type AdamOptions } from "./optim/adam.ts";
export { adamWRule, type AdamWOptions } from "./optim/adamW.ts";
export { momentumSgdRule, type MomentumSgdOptions } from "./optim/momentumSgd.ts";
export type { NamedArrays, UpdateRule } from "./optim/updateRule.ts";
export { clipGlobalNorm, clipValue, globalNorm } from "./optim/clip.ts";
export { createEma, type Ema } from "./optim/ema.ts";
export { learningRateAt, type Moment, type ScheduleOptions } from "./optim/schedule.ts";

// What computes: the interface that a runtime fulfils
export type {
  ActualDevice,
  DeviceName,
  Runtime,
  Session,
  SessionOptions,
  Tensors,
} from "./runtime/session.ts";

// A network at work: to train, to predict
export { createNetworkModel, type NetworkModelOptions } from "./network/networkModel.ts";
export { createPredictor, type CreatePredictorOptions } from "./network/createPredictor.ts";
export {
  channelsOf,
  chosenNetwork,
  type ChosenNetwork,
  type NetworkFacts,
} from "./network/facts.ts";
export type {
  BatchSource,
  EvaluationResult,
  StepResult,
  TrainingModel,
} from "./network/trainingModel.ts";
export { predictMaps, type ImageMaps, type PredictMapsOptions } from "./predict/predictMaps.ts";
export { predictWithFlips, type Prediction, type Predictor } from "./predict/predictor.ts";
export { classesOf, foregroundProbability, instancesOf } from "./predict/toLabels.ts";

// Training: a loop over a store and a clock
export {
  fit,
  type EpochChoice,
  type FitArguments,
  type FitResult,
  type FitSettings,
} from "./train/fit.ts";
export { memoryStore, type MemoryStore, type RunStore, type Snapshot } from "./train/runStore.ts";
export { webClock, type Clock } from "./train/clock.ts";
export type { EpochEvent, EpochRecord, FitEvents, Progress, StepEvent } from "./train/progress.ts";
export { inferenceWeights } from "./train/trainingState.ts";

// Configurations and checkpoints, as bytes
export { resolveConfig, type RunConfig, type RunOptions } from "./run/config.ts";
export { checkpointContents, checkpointOf, type Checkpoint } from "./run/checkpoint.ts";
export { fitSettings } from "./run/recipe.ts";
export { factsOf, trainingSetup } from "./run/networkFacts.ts";

// From labelled images to batches
export { memoryLoader, type MemoryLoader, type NamedSample } from "./data/loader/memoryLoader.ts";
export {
  emptyBatch,
  planesOfTarget,
  putSample,
  resizeSample,
  type Batch,
  type BatchOptions,
  type TargetOptions,
} from "./data/loader/batch.ts";
export {
  imageNetMean,
  imageNetStd,
  normaliseImage,
  type NormaliseOptions,
} from "./data/loader/networkInput.ts";
export { resizeImage, resizeLabels, resizeMap } from "./data/images/resize.ts";
export { toEightBits, type StoredImage, type ValueRange } from "./data/images/valueRange.ts";
export { makePhantom, type Phantom, type PhantomOptions } from "./data/phantoms/phantom.ts";

// Metrics on masks
export {
  dice,
  iou,
  miouMacro,
  precision,
  sensitivity,
  specificity,
  thresholdedJaccard,
} from "./metrics/overlap.ts";
export { assd, hausdorff, hd95, hd95Pooled, masd, nsd } from "./metrics/surfaceMetrics.ts";
export { boundaryIou } from "./metrics/boundaryIou.ts";
export { boundaryF } from "./metrics/boundaryF.ts";
export { distanceTransform, type Spacing } from "./metrics/distanceTransform.ts";
export { metricNames, metricTable, type MetricName } from "./metrics/metricTable.ts";
export { scorePair, type PairOptions, type PairScores } from "./metrics/scorePair.ts";
export { summarise, type Summary } from "./metrics/summarise.ts";
export {
  scoreClasses,
  summariseClasses,
  type ClassScores,
  type ClassSummary,
} from "./metrics/scoreClasses.ts";

// Metrics on instances
export {
  instanceMetricNames,
  instanceMetricTable,
  type InstanceMetricName,
} from "./metrics/instanceTable.ts";
export {
  scoreInstances,
  type InstanceScores,
  type PairInstanceScores,
} from "./metrics/scoreInstances.ts";
export {
  conicScores,
  summariseInstances,
  type ConicScores,
  type InstanceSummary,
} from "./metrics/summariseInstances.ts";

// Confidence and comparison
export {
  bootstrapMean,
  type BootstrapOptions,
  type Groups,
  type Interval,
} from "./metrics/bootstrap.ts";
export { comparePaired, type PairedComparison } from "./metrics/comparePaired.ts";
export { signFlipTest, type SignFlipTest } from "./metrics/signFlipTest.ts";
export { wilcoxonSignedRank, type WilcoxonTest } from "./metrics/wilcoxon.ts";

// Segmentations of COCO files
export {
  decodeRle,
  decodeRleString,
  decodeSegmentation,
  encodeRle,
  encodeRleString,
} from "./data/labels/cocoSegmentation.ts";

// Augmentation: all of it by options, and each operation
export { augment, type AugmentOptions, type Border } from "./data/augment/augment.ts";
export { checkAugmentOptions, type AugmentSettings } from "./data/augment/augmentOptions.ts";
export { augmentDefaults } from "./data/augment/augmentOptions.ts";
export { brightness, contrast, gamma, hue, saturation } from "./data/augment/colours.ts";
export { displace, displacementField, elastic } from "./data/augment/elastic.ts";
export { gaussianBlur } from "./data/augment/gaussianBlur.ts";
export { gaussianNoise } from "./data/augment/gaussianNoise.ts";
export { drawWindow, resizedCrop } from "./data/augment/resizedCrop.ts";
export { rotate } from "./data/augment/rotate.ts";
export { flipHorizontal, flipVertical, rotate90, transpose } from "./data/augment/symmetries.ts";
export { scale } from "./data/augment/scale.ts";
export { stainJitter, type PerStain } from "./data/augment/stainJitter.ts";
export { cutWindow, padTo, randomCrop } from "./data/augment/window.ts";

// Instances: told apart, measured, outlined, drawn
export { instanceBoundary } from "./data/labels/instanceBoundary.ts";
export { connectedComponents, type Components } from "./instances/connectedComponents.ts";
export { hMaxima, type PeakOptions } from "./instances/hMaxima.ts";
export type { IdMap } from "./instances/idMap.ts";
export type { Connectivity } from "./instances/pixelNeighbours.ts";
export { watershed, type WatershedOptions } from "./instances/watershed.ts";
export { separateInstances, type SeparateOptions } from "./instances/separateInstances.ts";
export { classesByMajority } from "./instances/classesByMajority.ts";
export { measureInstances, type MeasuredInstance } from "./instances/measureInstances.ts";
export { traceOutlines, type OutlinePolygon, type Ring } from "./instances/traceOutlines.ts";
export { toGeoJson, type GeoJsonOptions, type InstanceCollection } from "./instances/toGeoJson.ts";
export { toCoco, type CocoDocument, type CocoPrediction } from "./instances/toCoco.ts";
export { createBlend, planTiles, type Blend, type TilePosition } from "./predict/tiles.ts";

// Graphs of the network
export {
  evaluationGraph,
  networkParameters,
  predictionGraph,
  trainingGraph,
  type NetworkShape,
} from "./network/networkGraphs.ts";

// Splits and near-duplicates
export {
  splitDataset,
  type Split,
  type SplitOptions,
  type SplitProtocol,
} from "./data/splits/split.ts";
export { splitFolds, type FoldOptions } from "./data/splits/splitFolds.ts";
export { splitRatio, type RatioOptions } from "./data/splits/splitRatio.ts";
export { groupByPattern, groupByTable } from "./data/splits/splitGroups.ts";
export {
  findDuplicatePairs,
  type DuplicatePair,
  type Fingerprint,
} from "./data/splits/nearDuplicates.ts";
export { summariseFolds, type FoldScores, type FoldsSummary } from "./score/summariseFolds.ts";
