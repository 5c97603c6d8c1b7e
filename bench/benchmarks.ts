/** All benchmarks, in the order in which they run. */
import { adam } from "./adam.ts";
import { augmentation } from "./augmentation.ts";
import type { Benchmark } from "./benchmark.ts";
import { dynamicConv } from "./dynamicConv.ts";
import { loader } from "./loader.ts";
import { metrics } from "./metrics.ts";
import { operators } from "./operators.ts";
import { predict } from "./predict.ts";
import { selectiveScanBench } from "./selectiveScan.ts";
import { train } from "./train.ts";

export const benchmarks: readonly Benchmark[] = [
  predict,
  train,
  dynamicConv,
  selectiveScanBench,
  operators,
  metrics,
  augmentation,
  loader,
  adam,
];
