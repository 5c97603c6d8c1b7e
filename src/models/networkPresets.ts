/** The sizes of SGD-Net: the paper's, and a small one of the same modules. */
import type { SgdNetOptions } from "./sgdNet.ts";

export const NETWORKS = ["paper", "compact"] as const;
export type NetworkName = (typeof NETWORKS)[number];

/**
 * Options of `sgdNet` for each preset.
 *
 * `paper`: as recovered from the paper's parameter count (75.88 M with the encoder's classifier). `compact`: every module is
 * there, narrower and shallower; widths chosen by measurement, see docs/explanation/compact.md.
 */
export const networkPresets: Readonly<Record<NetworkName, SgdNetOptions>> = {
  paper: {},
  compact: {
    encoder: { stem: [16, 16, 32], blocks: [1, 2, 3, 2], planes: [8, 24, 48, 88], baseWidth: 64 },
    sge: { bottleneck: 32, mid: 32, guidanceChannels: 16 },
    sgdc: { mlpRatio: 2 },
    decoderChannels: 32,
  },
};
