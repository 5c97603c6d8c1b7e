/** Finds golden files and runs a module on ONNX Runtime against one. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { backward } from "../../src/autodiff/backward.ts";
import { graphOf } from "../../src/graph/graph.ts";
import { toOnnx } from "../../src/graph/toOnnx.ts";
import { constant, input, type Value } from "../../src/graph/value.ts";
import { Scope, type Mode } from "../../src/nn/scope.ts";
import { add } from "../../src/ops/add.ts";
import { mul } from "../../src/ops/mul.ts";
import { scalar } from "../../src/ops/scalar.ts";
import { sum } from "../../src/ops/sum.ts";
import { nodeRuntime } from "../../src/runtime/nodeRuntime.node.ts";
import type { Tensors } from "../../src/runtime/session.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

const own = join(import.meta.dirname, "..", "fixtures", "goldens");

/** Folders with goldens: the project's own, and the one named by the environment variable GOLDENS. */
export function goldenFolders(): string[] {
  const extra = process.env.GOLDENS;
  if (extra !== undefined && !existsSync(extra)) {
    throw new Error(`GOLDENS: must name a folder, got ${extra}`);
  }
  return extra === undefined ? [own] : [own, extra];
}

/** Paths of files with this ending, the project's own first; a name that occurs twice is taken once. */
export function goldenFiles(ending: string): { name: string; path: string }[] {
  const files = new Map<string, string>();
  for (const folder of goldenFolders()) {
    for (const file of readdirSync(folder).sort()) {
      const name = file.slice(0, -ending.length);
      if (file.endsWith(ending) && !files.has(name)) files.set(name, join(folder, file));
    }
  }
  return [...files].map(([name, path]) => ({ name, path }));
}

export interface Built {
  readonly outputs: Readonly<Record<string, Value>>;
  /** Loss to differentiate; default: sum over outputs of sum(out . R). */
  readonly loss?: Value;
}

export interface ModuleRun {
  /** `out/<name>`, `grad/in/<name>`, `grad/param/<name>`, `after/<buffer>`, `loss`. */
  readonly results: Tensors;
  readonly parameters: readonly string[];
  readonly buffers: readonly string[];
}

/**
 * Traces a module, runs it once and returns outputs, gradients and updated buffers.
 *
 * @param weightOf  value of a parameter or buffer
 */
export async function runModule(
  kind: "train" | "evaluate",
  inputs: Readonly<Record<string, Tensor>>,
  lossWeights: Readonly<Record<string, Tensor>> | null,
  build: (p: Scope, values: Readonly<Record<string, Value>>) => Built,
  weightOf: (name: string, shape: readonly number[]) => Tensor,
): Promise<ModuleRun> {
  const mode: Mode = { kind };
  const { scope, registry } = Scope.root(mode);
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => [name, input(`in/${name}`, t.shape)]),
  );
  const built = build(scope, values);
  const weighted = Object.entries(lossWeights ?? {}).map(([name, r]) =>
    sum(mul(built.outputs[name]!, constant(r))),
  );
  const loss = built.loss ?? (weighted.length ? weighted.reduce((a, b) => add(a, b)) : null);

  const outputs: Record<string, Value> = {};
  for (const [name, value] of Object.entries(built.outputs)) outputs[`out/${name}`] = value;
  for (const [name, { decay, fresh }] of registry.updates) {
    const { value } = registry.parameters.get(name)!;
    outputs[`after/${name}`] = add(mul(value, scalar(decay)), fresh);
  }
  const specs = [...registry.parameters.values()];
  if (loss) {
    outputs.loss = loss;
    const trained = specs.filter(({ spec }) => spec.trained);
    const names = [
      ...Object.keys(inputs).map((n) => `grad/in/${n}`),
      ...trained.map(({ spec }) => `grad/param/${spec.name}`),
    ];
    const gradients = backward(loss, [...Object.values(values), ...trained.map((t) => t.value)]);
    gradients.forEach((g, i) => {
      if (g) outputs[names[i]!] = g;
    });
  }
  const graph = graphOf("golden", outputs);
  const feeds: Record<string, Tensor> = {};
  for (const { name, value } of graph.inputs) {
    feeds[name] = name.startsWith("in/") ? inputs[name.slice(3)]! : weightOf(name, value.shape);
  }
  const session = await nodeRuntime.open(toOnnx(graph));
  const results = await session.run(feeds);
  await session.close();
  return {
    results,
    parameters: specs.filter(({ spec }) => spec.trained).map(({ spec }) => spec.name),
    buffers: [...registry.updates.keys()],
  };
}
