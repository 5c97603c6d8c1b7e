/** Public interface without a file system: arrays, graphs, operators, layers, the network, losses, metrics. */

// Host arrays
export * from "./tensor/errors.ts";
export { full, int64, tensor, type DType, type Tensor } from "./tensor/tensor.ts";
export { type Shape } from "./tensor/shape.ts";
export { Random, fnv1a } from "./tensor/random.ts";
export type { FloatMap, Mask, RgbImage } from "./tensor/raster.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./tensor/safetensors.ts";

// Graphs: trace, differentiate, print, write as ONNX
export { apply, constant, defineOp, input, type Value } from "./graph/value.ts";
export { graphOf, type Graph } from "./graph/graph.ts";
export { printGraph } from "./graph/print.ts";
export { toOnnx, type ToOnnxOptions } from "./graph/toOnnx.ts";
export { peakBytes } from "./graph/cost.ts";
export { encodeModel, type OnnxModel } from "./onnx/proto.ts";
export { backward } from "./autodiff/backward.ts";

// Layers and blocks: functions of (scope, input, options)
export { block, Scope, type Mode, type ParameterSpec, type Registry } from "./nn/scope.ts";
export { initialValue, type Initializer } from "./nn/init.ts";
export { sgdNet, type SgdNetOptions, type SgdNetOutputs } from "./models/sgdNet.ts";
export { networkPresets, type NetworkName } from "./models/networkPresets.ts";
export { sgdc, type SgdcOptions } from "./models/sgdc.ts";
export { sge, type Sge, type SgeOptions } from "./models/sge.ts";
export { res2net, type Res2NetOptions } from "./models/res2net.ts";
export { stitchVit, type StitchVitOptions } from "./models/stitchVit.ts";
export { dualAttention, type DualAttentionOptions } from "./models/dualAttention.ts";
export { reverseAttention } from "./models/reverseAttention.ts";
export { dynamicConv2d } from "./ops/dynamicConv2d.ts";

// Losses
export { sgdNetLoss, type LossTerms, type SgdNetLossOptions } from "./losses/sgdNetLoss.ts";
export { softDiceLoss } from "./losses/softDiceLoss.ts";
export { bceWithLogits } from "./losses/bceWithLogits.ts";
export { boundaryTarget } from "./losses/boundaryTarget.ts";

// Metrics on masks
export { dice, iou, precision, sensitivity, specificity } from "./metrics/overlap.ts";
export { assd, hausdorff, hd95, hd95Pooled, masd } from "./metrics/surfaceMetrics.ts";
export { scorePair, type PairScores } from "./metrics/scorePair.ts";
export { summarise, type Summary } from "./metrics/summarise.ts";

// Graphs of the network
export {
  evaluationGraph,
  networkParameters,
  predictionGraph,
  trainingGraph,
  type NetworkShape,
} from "./train/networkGraphs.ts";
