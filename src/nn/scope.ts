/** Names, shapes and initial values of parameters, collected while a network is traced. */
import { constant, input, withPath, type Value } from "../graph/value.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { sameShape, showShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Initializer } from "./init.ts";

/** A tensor that belongs to the network. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly init: Initializer;
  /** Trained by the optimizer; buffers (running statistics, fixed kernels) are not. */
  readonly trained: boolean;
}

/** Random numbers that one training step feeds: a dropout mask. */
export interface NoiseSpec {
  readonly name: string;
  readonly shape: Shape;
  /** Share of entries that are 0; the others are 1 / (1 - rate). */
  readonly rate: number;
}

/** How the network is traced. */
export type Mode =
  /** Batch statistics, dropout; parameters are inputs of the graph. */
  | { readonly kind: "train" }
  /** Running statistics; parameters are inputs of the graph. */
  | { readonly kind: "evaluate" }
  /** Running statistics; parameters are constants, so that the engine can lay them out for speed. */
  | { readonly kind: "predict"; readonly weights: ReadonlyMap<string, Tensor> };

/** buffer = decay . buffer + fresh: kept apart, because the micro-batches of a step may be computed by several processes. */
export interface BufferUpdate {
  readonly decay: number;
  /** Of the buffer's shape. */
  readonly fresh: Value;
}

/** What tracing a network leaves behind, besides its outputs. */
export interface Registry {
  readonly mode: Mode;
  readonly parameters: Map<string, { readonly spec: ParameterSpec; readonly value: Value }>;
  /** How a training step changes buffers, by name. */
  readonly updates: Map<string, BufferUpdate>;
  readonly noise: Map<string, NoiseSpec>;
  /** Children of scopes in the order of the published module, by the scope's path. */
  readonly orders: Map<string, readonly string[]>;
}

/**
 * A place in the tree of names. Names equal the `state_dict` keys of the released PyTorch modules, so that weights load
 * without a table.
 */
export class Scope {
  readonly path: string;
  private readonly registry: Registry;

  private constructor(path: string, registry: Registry) {
    this.path = path;
    this.registry = registry;
  }

  /** The root of a new tree. */
  static root(mode: Mode): { scope: Scope; registry: Registry } {
    const registry: Registry = {
      mode,
      parameters: new Map(),
      updates: new Map(),
      noise: new Map(),
      orders: new Map(),
    };
    return { scope: new Scope("", registry), registry };
  }

  /** True while training: layers then use batch statistics and dropout. */
  get training(): boolean {
    return this.registry.mode.kind === "train";
  }

  /** The scope one step (or several, with dots) further in. */
  at(name: string): Scope {
    return new Scope(this.nameOf(name), this.registry);
  }

  /** A trained parameter. @throws {ArgumentError} if the name is taken. */
  parameter(name: string, shape: Shape, init: Initializer): Value {
    return this.register(name, shape, init, true);
  }

  /** A tensor that is saved with the network but not trained. @throws {ArgumentError} if the name is taken. */
  buffer(name: string, shape: Shape, init: Initializer): Value {
    return this.register(name, shape, init, false);
  }

  /** Says how this training step changes a buffer. */
  update(name: string, update: BufferUpdate): void {
    this.registry.updates.set(this.nameOf(name), update);
  }

  /** Random numbers drawn anew for each training step. */
  noise(name: string, shape: Shape, rate: number): Value {
    const full = `noise/${this.nameOf(name)}`;
    this.registry.noise.set(full, { name: full, shape, rate });
    return input(full, shape);
  }

  /**
   * Says in which order the published module holds its children, where that is not the order in which they are used here: PyTorch
   * lists parameters as modules are constructed. Children that are not named come last. Only listings depend on it.
   */
  order(...children: readonly string[]): void {
    this.registry.orders.set(this.path, children);
  }

  private nameOf(name: string): string {
    return this.path ? `${this.path}.${name}` : name;
  }

  private register(name: string, shape: Shape, init: Initializer, trained: boolean): Value {
    const full = this.nameOf(name);
    const { mode, parameters } = this.registry;
    if (parameters.has(full)) {
      throw new ArgumentError(`${full}: parameter names must be unique, got this one twice`);
    }
    const value =
      mode.kind === "predict" ? constant(weightOf(mode.weights, full, shape)) : input(full, shape);
    parameters.set(full, { spec: { name: full, shape, init, trained }, value });
    return value;
  }
}

/**
 * All parameters and buffers in the order of the published `state_dict`, if the network tells the order of its outermost modules
 * (see `Scope.order`), else in the order of their use.
 */
export function parametersInOrder({ parameters, orders }: Registry): ParameterSpec[] {
  const specs = [...parameters.values()].map(({ spec }) => spec);
  if (!orders.has("")) return specs;

  interface Place {
    readonly path: string;
    readonly children: Map<string, Place>;
    spec?: ParameterSpec;
  }
  const root: Place = { path: "", children: new Map() };
  for (const spec of specs) {
    let place = root;
    for (const step of spec.name.split(".")) {
      const path = place.path ? `${place.path}.${step}` : step;
      const next = place.children.get(step) ?? { path, children: new Map<string, Place>() };
      place.children.set(step, next);
      place = next;
    }
    place.spec = spec;
  }
  const listed: ParameterSpec[] = [];
  const visit = ({ path, children, spec }: Place): void => {
    if (spec) listed.push(spec);
    const known = (orders.get(path) ?? []).flatMap((name) => children.get(name) ?? []);
    const rest = [...children.values()].filter((child) => !known.includes(child));
    for (const child of [...known, ...rest]) visit(child);
  };
  visit(root);
  return listed;
}

function weightOf(weights: ReadonlyMap<string, Tensor>, name: string, shape: Shape): Tensor {
  const weight = weights.get(name);
  if (!weight) throw new DataError(`${name}: weights must hold this tensor, got none`);
  if (!sameShape(weight.shape, shape)) {
    throw new DataError(`${name}: must be ${showShape(shape)}, got ${showShape(weight.shape)}`);
  }
  return weight;
}

/**
 * Marks a layer or network block: nodes made inside carry the scope's path, for messages, profiles and `inspect`.
 *
 * @param build  a function whose first parameter is the scope
 */
export function block<Rest extends readonly unknown[], Result>(
  build: (p: Scope, ...rest: Rest) => Result,
): (p: Scope, ...rest: Rest) => Result {
  return (p, ...rest) => withPath(p.path, () => build(p, ...rest));
}
