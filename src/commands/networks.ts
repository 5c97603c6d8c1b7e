/** All networks, with what they cost. */
import { z } from "zod";
import { checkOptions } from "../base/options.ts";
import type { Macs } from "../graph/cost.ts";
import { fitsSides, sidesInWords, sizedOptions } from "../models/network.ts";
import { networks } from "../models/registry.ts";
import { channelsOf } from "../network/facts.ts";
import { countNetwork, type NetworkReport } from "../network/inspectNetwork.ts";
import { imageSizeOption } from "../run/configSchema.ts";

export const networksSchema = z.strictObject({
  size: imageSizeOption.default(256).describe("height and width of the images to count for"),
  classes: z.int().min(1).default(1).describe("classes besides the background"),
});

export type NetworksOptions = z.input<typeof networksSchema>;

/** A network in one of its named sizes. */
export interface SizedNetwork {
  readonly size: string;
  /** Heads besides the prediction. */
  readonly heads: readonly string[];
  /** Trained parameters and multiply-accumulates of one image; absent if the network does not take images of the size. */
  readonly counts?: Pick<NetworkReport, "parameters" | "notes"> & { readonly macs: Macs };
}

export interface ListedNetwork {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** What the height and width of its images must be. */
  readonly sides: string;
  /** Published weights that its encoder can start from. */
  readonly encoder?: string;
  /** The first is the published one. */
  readonly sizes: readonly SizedNetwork[];
}

/**
 * Lists the networks of the registry, with parameters and multiply-accumulates in all of their sizes.
 *
 * @throws {ArgumentError} for unusable options.
 */
export function listNetworks(options: NetworksOptions = {}): ListedNetwork[] {
  const { size: side, classes } = checkOptions(networksSchema, options, "options of networks");
  return networks.map((network) => {
    const { name, title, source, sides, encoder } = network;
    const channels = channelsOf(classes);
    const fits = fitsSides(side, sides);
    return {
      ...{ name, title, source, sides: sidesInWords(sides) },
      ...(encoder && { encoder: encoder.weights }),
      sizes: Object.keys(network.sizes).map((size) => {
        const chosen = { network, options: sizedOptions(network, size), channels };
        const heads = network.heads(chosen.options);
        return { size, heads, ...(fits && { counts: countNetwork(chosen, side) }) };
      }),
    };
  });
}
