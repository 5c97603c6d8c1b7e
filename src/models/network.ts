/** The contract of a network: everything that the rest of the program knows of it. */
import type { z } from "zod";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Value } from "../graph/value.ts";
import type { LossOptions, LossTerms } from "../losses/segmentationLoss.ts";
import type { Scope } from "../nn/scope.ts";
import { showShape } from "../tensor/shape.ts";

/** What a network makes of images [N, 3, H, W]. */
export interface NetworkOutputs {
  /** The prediction before sigmoid or softmax, [N, C, H, W]. */
  readonly logits: Value;
  /** Further predictions that deep supervision trains, each like `logits`; default none. */
  readonly auxiliary?: readonly Value[];
  /** Edges before the sigmoid, [N, 1, H, W]; must be there if `heads` says `edge`. */
  readonly edge?: Value;
  /** Maps of the boundary's key points before the sigmoid, [N, 1, H / k, W / k]; for a network whose loss has key points. */
  readonly keyPoints?: readonly Value[];
  /** Maps inside the network that are worth looking at, [N, channels, h, w] of any size; default none. */
  readonly maps?: Readonly<Record<string, Value>>;
}

/** Heads that a network may have besides its prediction. */
export type Head = "auxiliary" | "edge";

/** Sides of the images that a network takes. */
export interface ImageSides {
  /** Height and width must be multiples of this. */
  readonly multipleOf: number;
  /** The least height and width. */
  readonly least: number;
}

/** A part of a network that weights published for another task fill. */
export interface PretrainedEncoder {
  /** How its tensors' names begin, e.g. `resnet.`; files may leave this out. */
  readonly prefix: string;
  /** What the published weights are of, e.g. `Res2Net-50 v1b`. */
  readonly weights: string;
}

/** A count by another way of counting, e.g. that of the published code. */
export interface CountNote {
  readonly what: string;
  readonly value: number;
}

/** Options of a network by name, as its schema makes them. */
export type NetworkOptions = Readonly<Record<string, unknown>>;

/** A network, as the registry holds it. */
export interface Network {
  /** Its name on the command line, in words with hyphens, e.g. `sgd-net`. */
  readonly name: string;
  /** Its name in prose, e.g. `SGD-Net`. */
  readonly title: string;
  /** Paper and code that it follows. */
  readonly source: string;
  /** Every option, each optional and described; what is left out has the default of the trace function. */
  readonly options: z.ZodObject;
  /** Named sizes: options that belong together. The first is the published one, and what is taken if none is named. */
  readonly sizes: Readonly<Record<string, NetworkOptions>>;
  readonly sides: ImageSides;
  /** The heads that it has with these options. */
  heads(options: NetworkOptions): readonly Head[];
  /** Absent if no published weights fill a part. */
  readonly encoder?: PretrainedEncoder;
  /** Whether a tensor that published files hold besides is rightly left unread, e.g. an unused classifier. Default: none is. */
  readonly unread?: (name: string) => boolean;
  /**
   * The graph of the network.
   *
   * @param channels  of the logits
   * @param options   as the schema has them
   * @throws {ArgumentError} if an option is unknown or unusable.
   * @throws {ShapeError} if the size of the image does not fit.
   */
  trace(p: Scope, image: Value, channels: number, options: NetworkOptions): NetworkOutputs;
  /** Its own loss; absent if the common one is right. */
  readonly loss?: (outputs: NetworkOutputs, mask: Value, options: LossOptions) => LossTerms;
  /** Its own loss is given a map of the key points of each mask's boundary, `LossOptions.keyPoints`. Default: it is not. */
  readonly keyPoints?: true;
  /** Counts by other rules, which `inspect` and `networks` show. @param size  height and width of the images */
  readonly notes?: (
    options: NetworkOptions,
    size: number,
  ) => { readonly parameters?: readonly CountNote[]; readonly macs?: readonly CountNote[] };
}

/** What a network's file declares: the contract, with the types of its own options. */
export type NetworkDefinition<S extends z.ZodObject> = Omit<
  Network,
  "options" | "sizes" | "trace" | "heads" | "notes"
> & {
  readonly options: S;
  readonly sizes: Readonly<Record<string, z.output<S>>>;
  /** A list, or what the options make of it. Default: none. */
  readonly heads?: readonly Head[] | ((options: z.output<S>) => readonly Head[]);
  readonly trace: (
    p: Scope,
    image: Value,
    options: z.output<S> & { readonly classes: number },
  ) => NetworkOutputs;
  readonly notes?: (
    options: z.output<S>,
    size: number,
  ) => ReturnType<NonNullable<Network["notes"]>>;
};

/** Makes a registry's entry of a network's declaration: checks options and images before they reach the trace function. */
export function defineNetwork<S extends z.ZodObject>(definition: NetworkDefinition<S>): Network {
  const { name, options: schema, sides, heads = [], trace, notes, ...rest } = definition;
  const checked = (options: NetworkOptions): z.output<S> =>
    checkOptions(schema, options, `options of ${name}`);
  return {
    ...rest,
    ...{ name, options: schema, sides },
    heads: (options) => (typeof heads === "function" ? heads(checked(options)) : heads),
    trace(p, image, channels, options) {
      checkImage(name, image, sides);
      return trace(p, image, { ...checked(options), classes: channels });
    },
    ...(notes && { notes: (options, size) => notes(checked(options), size) }),
  };
}

/**
 * The options of a named size, overlaid with others. Options that are objects are overlaid key by key.
 *
 * @param size  default: the first size of the network
 * @throws {ArgumentError} if the network has no such size.
 */
export function sizedOptions(
  network: Network,
  size: string | undefined,
  options: NetworkOptions = {},
): NetworkOptions {
  const names = Object.keys(network.sizes);
  const name = size ?? names[0] ?? "";
  const base = network.sizes[name];
  if (base === undefined) {
    throw new ArgumentError(
      `network.size (--network-size) must be one of ${names.join(", ")} for ${network.name}, got ${JSON.stringify(name)}${didYouMean(name, names)}`,
    );
  }
  return overlay(base, options);
}

function overlay(base: NetworkOptions, over: NetworkOptions): NetworkOptions {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    if (value !== undefined)
      merged[key] = isTable(below) && isTable(value) ? overlay(below, value) : value;
  }
  return merged;
}

const isTable = (value: unknown): value is NetworkOptions =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What sides an image may have, in words. */
export const sidesInWords = ({ multipleOf, least }: ImageSides): string =>
  `${multipleOf === 1 ? "" : `a multiple of ${multipleOf} and `}at least ${least}`;

/** Whether the network takes images of this height or width. */
export const fitsSides = (side: number, { multipleOf, least }: ImageSides): boolean =>
  side >= least && side % multipleOf === 0;

function checkImage(name: string, { shape }: Value, sides: ImageSides): void {
  const [, channels, height = 0, width = 0] = shape;
  const fits = fitsSides(height, sides) && fitsSides(width, sides);
  if (shape.length === 4 && channels === 3 && fits) return;
  throw new ShapeError(
    `${name}: images must be [N, 3, H, W] with H and W each ${sidesInWords(sides)}, got ${showShape(shape)}`,
  );
}
