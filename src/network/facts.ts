/** The facts of a trained network that a checkpoint keeps: what it is, what it tells apart, what it is shown. */
import { z } from "zod";
import { fits } from "../data/loader/networkInput.ts";
import type { Network, NetworkOptions, NetworkOutputs } from "../models/network.ts";
import { networkNamed } from "../models/registry.ts";
import type { Value } from "../graph/value.ts";
import type { Scope } from "../nn/scope.ts";
import { slice } from "../ops/slice.ts";

/** All that is needed to build a network anew and to use it: plain data, no path of any file. */
export const networkFactsSchema = z.object({
  network: z.object({
    /** As in the registry. */
    name: z.string(),
    /** Every option that differs from the network's own default; no named size, whose meaning may change. */
    options: z.record(z.string(), z.unknown()),
  }),
  labels: z.object({
    /** Classes besides the background. */
    classes: z.int().min(1),
    /** Names of the classes 1 to K; empty if they are not known. */
    names: z.array(z.string()),
    /** Whether objects are told apart. */
    instances: z.boolean(),
  }),
  input: z.object({
    /** Height and width that the network sees, pixels. */
    size: z.int().min(1),
    /** Whether it sees whole images, resized, or parts at their own scale. */
    fit: z.enum(fits),
    /** With fit `crop`: pixels of the network that a pixel of the image becomes. */
    zoom: z.number().positive(),
    /** Which stored values become black and white. */
    values: z
      .discriminatedUnion("mode", [
        z.object({ mode: z.literal("fixed") }),
        z.object({ mode: z.literal("image") }),
        z.object({
          mode: z.literal("dataset"),
          bits: z.union([z.literal(8), z.literal(16)]),
          low: z.tuple([z.number(), z.number(), z.number()]).readonly(),
          high: z.tuple([z.number(), z.number(), z.number()]).readonly(),
        }),
      ])
      .default({ mode: "fixed" }),
  }),
});

export type NetworkFacts = z.output<typeof networkFactsSchema>;

/** Output channels: one for a single class against the background, else one a class and one for the background. */
export const channelsOf = (classes: number): number => (classes === 1 ? 1 : classes + 1);

/** A network with its options and outputs settled: what graphs are traced from. */
export interface ChosenNetwork {
  readonly network: Network;
  readonly options: NetworkOptions;
  /** Channels of its prediction. Default 1. */
  readonly channels?: number;
  /** Whether it tells objects apart: its edge then means the boundaries between them. Default false. */
  readonly instances?: boolean;
}

/** @throws {ArgumentError} if the registry has no such network. */
export const chosenNetwork = ({
  network,
  labels,
}: Pick<NetworkFacts, "network" | "labels">): ChosenNetwork => ({
  network: networkNamed(network.name),
  options: network.options,
  channels: channelsOf(labels.classes),
  instances: labels.instances,
});

/**
 * The outputs of a network. A network without edge head that must tell objects apart is traced with one channel more, whose logit
 * is the edge.
 *
 * @param image  [N, 3, H, W]
 * @throws {ArgumentError | ShapeError} if options or image do not fit the network.
 */
export function traceNetwork(
  { network, options, channels = 1, instances = false }: ChosenNetwork,
  p: Scope,
  image: Value,
): NetworkOutputs {
  if (!instances || network.heads(options).includes("edge"))
    return network.trace(p, image, channels, options);
  const { logits, auxiliary, maps } = network.trace(p, image, channels + 1, options);
  const prediction = (v: Value): Value => slice(v, 1, 0, channels);
  return {
    logits: prediction(logits),
    edge: slice(logits, 1, channels, channels + 1),
    ...(auxiliary && { auxiliary: auxiliary.map(prediction) }),
    ...(maps && { maps }),
  };
}
