/** A network with 8-bit convolutions: static quantisation on images, in the quantise-dequantise form of the ONNX standard. */
import { InternalError } from "../base/errors.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../onnx/proto.ts";
import type { Runtime, Session } from "../runtime/session.ts";
import { int64, tensor, type Tensor } from "../tensor/tensor.ts";
import { bestAffine, quantiseWeights, see, type Affine, type Seen } from "./quantisation.ts";

/** A convolution that can take whole numbers: constant weights. */
export interface Site {
  readonly name: string;
  readonly node: OnnxNode;
  readonly x: string;
  readonly w: string;
  readonly bias?: string;
  /** What it gives; where a ReLU alone takes that, what the ReLU gives. */
  readonly y: string;
}

/** All convolutions with constant weights. */
export function sitesOf({ nodes, initializers, outputs }: OnnxModel): Site[] {
  const users = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) users.set(name, [...(users.get(name) ?? []), node]);
  }
  const kept = new Set(outputs.map(({ name }) => name));
  return nodes.flatMap((node): Site[] => {
    const [x = "", w = "", bias] = node.inputs;
    if (node.opType !== "Conv" || !initializers.has(w)) return [];
    if (bias !== undefined && !initializers.has(bias)) return [];
    const own = node.outputs[0]!;
    const [next, ...others] = users.get(own) ?? [];
    const alone = next?.opType === "Relu" && others.length === 0 && !kept.has(own);
    const y = alone ? next.outputs[0]! : own;
    if (kept.has(y)) return [];
    return [{ name: node.name ?? own, node, x, w, y, ...(bias !== undefined && { bias }) }];
  });
}

/** The convolution of a site in whole numbers. */
interface Whole {
  readonly site: Site;
  readonly x: Affine;
  readonly y: Affine;
}

const floats = (value: OnnxTensor | undefined): Float32Array => {
  if (value?.data instanceof Float32Array) return value.data;
  throw new InternalError("quantise: weights must be float32");
};

/** Nodes that make a value whole, and back: `t` to `t/q` to `t/dq`. */
function roundTrip(t: string, affine: Affine, initializers: Map<string, OnnxTensor>): OnnxNode[] {
  initializers.set(`${t}/scale`, tensor([], [affine.scale]));
  initializers.set(`${t}/zero`, { dtype: "uint8", shape: [], data: Uint8Array.of(affine.zero) });
  const of = [`${t}/scale`, `${t}/zero`];
  return [
    { opType: "QuantizeLinear", inputs: [t, ...of], outputs: [`${t}/q`], name: `${t}/Quantize` },
    {
      ...{ opType: "DequantizeLinear", inputs: [`${t}/q`, ...of] },
      ...{ outputs: [`${t}/dq`], name: `${t}/Dequantize` },
    },
  ];
}

/** Nodes that give a site's weights and bias from whole numbers, and their names. */
function wholeWeights(
  { site, x }: Whole,
  model: OnnxModel,
  initializers: Map<string, OnnxTensor>,
): { nodes: OnnxNode[]; inputs: string[] } {
  const { shape } = model.initializers.get(site.w)!;
  const channels = shape[0]!;
  const bias = site.bias === undefined ? undefined : floats(model.initializers.get(site.bias));
  const made = quantiseWeights(
    floats(model.initializers.get(site.w)),
    ...([channels, x.scale, bias] as const),
  );
  const base = site.node.outputs[0]!;
  const back = (
    kind: string,
    value: OnnxTensor,
    scales: Float32Array,
    zero: OnnxTensor,
  ): OnnxNode => {
    const name = `${base}/${kind}`;
    initializers.set(name, value);
    initializers.set(`${name}_scale`, tensor([channels], scales));
    initializers.set(`${name}_zero`, zero);
    return {
      ...{ opType: "DequantizeLinear", attributes: { axis: { int: 0 } } },
      inputs: [name, `${name}_scale`, `${name}_zero`],
      ...{ outputs: [`${name}_dq`], name: `${name}/Dequantize` },
    };
  };
  const none = { dtype: "int8", shape: [channels], data: new Int8Array(channels) } as const;
  const nodes = [back("weights", { dtype: "int8", shape, data: made.weights }, made.scales, none)];
  if (made.bias) {
    const units = made.scales.map((scale) => scale * x.scale);
    const zeros = { dtype: "int32", shape: [channels], data: new Int32Array(channels) } as const;
    nodes.push(back("bias", { dtype: "int32", shape: [channels], data: made.bias }, units, zeros));
  }
  return { nodes, inputs: nodes.map(({ outputs }) => outputs[0]!) };
}

/** The model with the given convolutions in whole numbers. */
export function quantisedModel(
  model: OnnxModel,
  sites: readonly Site[],
  ranges: Ranges,
): OnnxModel {
  const initializers = new Map(model.initializers);
  const bySite = new Map(sites.map((site) => [site.node, site]));
  const outputs = new Set(sites.map(({ y }) => y));
  const trips = new Map<string, OnnxNode[]>();
  for (const { x, y } of sites) {
    for (const t of [x, y]) trips.set(t, roundTrip(t, rangeOf(ranges, t), initializers));
  }
  const nodes: OnnxNode[] = model.inputs.flatMap(({ name }) => trips.get(name) ?? []);
  for (const node of model.nodes) {
    const site = bySite.get(node);
    const inputs = node.inputs.map((name) => (outputs.has(name) ? `${name}/dq` : name));
    if (site) {
      const whole = { site, x: rangeOf(ranges, site.x), y: rangeOf(ranges, site.y) };
      const made = wholeWeights(whole, model, initializers);
      nodes.push(...made.nodes, { ...node, inputs: [`${site.x}/dq`, ...made.inputs] });
    } else nodes.push({ ...node, inputs });
    nodes.push(...node.outputs.flatMap((name) => trips.get(name) ?? []));
  }
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return {
    ...model,
    nodes,
    initializers: new Map([...initializers].filter(([name]) => used.has(name))),
  };
}

/**
 * The model in float32 with a switch for each site, input `whole` [sites], 1 or 0: on, its operands and its result take the values
 * that whole numbers allow. One session tells what each layer costs.
 */
function switchedModel(model: OnnxModel, sites: readonly Site[], ranges: Ranges): OnnxModel {
  const initializers = new Map(model.initializers);
  const index = new Map(sites.map((site, i) => [site.node, i]));
  const results = new Map(sites.map((site, i) => [site.y, i]));
  const trips = new Map<string, OnnxNode[]>();
  for (const { x, y } of sites) {
    for (const t of [x, y]) trips.set(t, roundTrip(t, rangeOf(ranges, t), initializers));
  }
  initializers.set("switch/off", int64([], [0]));
  const nodes: OnnxNode[] = sites.flatMap((_, i) => {
    const [at, on] = [`switch_${i}/at`, `switch_${i}/on`];
    initializers.set(at, int64([], [i]));
    return [
      { opType: "Gather", inputs: ["whole", at], outputs: [on] },
      { opType: "Greater", inputs: [on, "switch/off"], outputs: [`switch_${i}`] },
    ];
  });
  const either = (i: number, on: string, off: string, name: string): string => {
    nodes.push({ opType: "Where", inputs: [`switch_${i}`, on, off], outputs: [name] });
    return name;
  };
  nodes.push(...model.inputs.flatMap(({ name }) => trips.get(name) ?? []));
  for (const node of model.nodes) {
    const i = index.get(node);
    const inputs = node.inputs.map((name) => (results.has(name) ? `${name}/seen` : name));
    if (i === undefined) nodes.push({ ...node, inputs });
    else {
      const site = sites[i]!;
      const whole = { site, x: rangeOf(ranges, site.x), y: rangeOf(ranges, site.y) };
      const made = wholeWeights(whole, model, initializers);
      nodes.push(...made.nodes);
      const base = node.outputs[0]!;
      const x = either(i, `${site.x}/dq`, inputs[0]!, `${base}/x`);
      const w = either(i, made.inputs[0]!, site.w, `${base}/w`);
      nodes.push({ ...node, inputs: [x, w, ...inputs.slice(2)] });
    }
    for (const name of node.outputs) {
      nodes.push(...(trips.get(name) ?? []));
      const made = results.get(name);
      if (made !== undefined) either(made, `${name}/dq`, name, `${name}/seen`);
    }
  }
  const inputs = [
    ...model.inputs,
    { name: "whole", dtype: "int64" as const, shape: [sites.length] },
  ];
  return { ...model, name: "switched", nodes, inputs, initializers };
}

type Ranges = ReadonlyMap<string, Affine>;

function rangeOf(ranges: Ranges, name: string): Affine {
  const range = ranges.get(name);
  if (range) return range;
  throw new InternalError(`quantise: ${name} must have a range`);
}

/** A convolution of the network, and what 8 bits in it alone change. */
export interface LayerError {
  readonly name: string;
  /** Mean difference of the probabilities from those of float32. */
  readonly error: number;
  /** Whether it stays float32. */
  readonly float: boolean;
}

export interface Quantised {
  readonly model: OnnxModel;
  readonly layers: readonly LayerError[];
  /** Mean difference of the probabilities from those of float32, on the images that layers were chosen with. */
  readonly error: number;
}

export interface QuantiseOptions {
  /** The mean difference of the probabilities at which no further layer is left in float32. Default 0.005. */
  readonly tolerance?: number;
  readonly threads?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Images that layers are chosen with; ranges are taken over all of them. */
const mostChoosing = 4;
/** The largest share of the layers that is left in float32. */
const mostFloat = 0.3;

/**
 * Calibrates on images and quantises: ranges of activations by least squares over all images, weights by channel. Then the layers that
 * cost most alone go back to float32, one after another, until the probabilities differ by less than `tolerance` in the mean.
 *
 * @param images  what the network takes, each [1, 3, H, W]
 */
export async function quantiseModel(
  model: OnnxModel,
  images: readonly Tensor<"float32">[],
  runtime: Runtime,
  { tolerance = 0.005, threads = 0, onProgress }: QuantiseOptions = {},
): Promise<Quantised> {
  const sites = sitesOf(model);
  const ranges = await rangesOf(model, sites, images, runtime, threads);
  if (tolerance === Infinity) {
    const layers = sites.map(({ name }) => ({ name, error: NaN, float: false }));
    return { model: quantisedModel(model, sites, ranges), layers, error: NaN };
  }
  const session = await runtime.open(switchedModel(model, sites, ranges), { threads });
  try {
    const chosen = images.slice(0, mostChoosing);
    const float = await probabilities(
      session,
      chosen,
      sites.map(() => false),
    );
    const errorOf = async (whole: boolean[]): Promise<number> =>
      meanDifference(await probabilities(session, chosen, whole), float);
    const errors: number[] = [];
    for (const i of sites.keys()) {
      errors.push(await errorOf(sites.map((_, j) => j === i)));
      onProgress?.(i + 1, sites.length);
    }
    const worst = [...sites.keys()].sort((a, b) => errors[b]! - errors[a]!);
    const whole = sites.map(() => true);
    let error = await errorOf(whole);
    for (const i of worst.slice(0, Math.floor(mostFloat * sites.length))) {
      if (error <= tolerance) break;
      whole[i] = false;
      error = await errorOf(whole);
    }
    const made = quantisedModel(
      model,
      sites.filter((_, i) => whole[i]),
      ranges,
    );
    return {
      model: made,
      layers: sites.map(({ name }, i) => ({ name, error: errors[i]!, float: !whole[i] })),
      error: meanDifference(await probabilitiesOf(made, chosen, runtime, threads), float),
    };
  } finally {
    await session.close();
  }
}

/** Ranges of everything that goes into and comes out of the sites. */
async function rangesOf(
  model: OnnxModel,
  sites: readonly Site[],
  images: readonly Tensor<"float32">[],
  runtime: Runtime,
  threads: number,
): Promise<Ranges> {
  const wanted = [...new Set(sites.flatMap(({ x, y }) => [x, y]))];
  const fed = new Set(model.inputs.map(({ name }) => name));
  const outputs = wanted
    .filter((name) => !fed.has(name))
    .map((name, i) => ({
      ...{ name, dtype: "float32" as const },
      shape: [`n${i}`, `c${i}`, `h${i}`, `w${i}`],
    }));
  const session = await runtime.open({ ...model, name: "calibration", outputs }, { threads });
  const seen = new Map(
    wanted.map((name): [string, Seen] => [name, { least: 0, most: 0, sample: [] }]),
  );
  try {
    for (const image of images) {
      const results = await session.run({ image });
      for (const name of wanted) {
        const { data } = results[name] ?? image;
        if (data instanceof Float32Array) see(seen.get(name)!, data);
      }
    }
  } finally {
    await session.close();
  }
  return new Map([...seen].map(([name, values]) => [name, bestAffine(values)]));
}

/** Probabilities of the model itself, by the engine's own whole numbers. */
async function probabilitiesOf(
  model: OnnxModel,
  images: readonly Tensor<"float32">[],
  runtime: Runtime,
  threads: number,
): Promise<Float32Array[]> {
  const session = await runtime.open(model, { threads });
  try {
    // A model without switches leaves them aside.
    return await probabilities(session, images, []);
  } finally {
    await session.close();
  }
}

async function probabilities(
  session: Session,
  images: readonly Tensor<"float32">[],
  whole: readonly boolean[],
): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  const flags: Tensor = {
    dtype: "int64",
    shape: [whole.length],
    data: BigInt64Array.from(whole, (on) => (on ? 1n : 0n)),
  };
  for (const image of images) {
    const { probability } = await session.run({ image, whole: flags });
    if (probability?.data instanceof Float32Array) all.push(probability.data);
  }
  return all;
}

function meanDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let sum = 0;
  let count = 0;
  for (const [i, values] of a.entries()) {
    const others = b[i]!;
    for (let k = 0; k < values.length; k++) sum += Math.abs(values[k]! - others[k]!);
    count += values.length;
  }
  return sum / count;
}
