/** The list of refiners: a name, what it is, and what it pools away. */
import { add } from "../../ops/add.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { slice } from "../../ops/slice.ts";
import { condConv } from "./condConv.ts";
import { contMix, contMixContext } from "./contMix.ts";
import { dynamicConv } from "./dynamicConv.ts";
import { involution } from "./involution.ts";
import { lsConv } from "./lsConv.ts";
import { odConv } from "./odConv.ts";
import { inShell, project, type RefinerEntry } from "./refiner.ts";
import { sgdc } from "./sgdc.ts";

/** What can stand in SGDC's place, by the name that `--refiner` takes. */
export const refiners = {
  sgdc: {
    summary: "structure-guided dynamic convolution: a softmaxed 7 x 7 kernel for every pixel",
    source: "Shi, Zhu, Swamy 2026; solstice0621/SGDC",
    pools: "nothing",
    refine: sgdc,
  },
  contMix: {
    summary: "kernels of every pixel from its affinity to a 7 x 7 summary of the map",
    source: "Lou and Yu 2025; LMMMEng/OverLoCK",
    pools: "keys to 7 x 7, channel weights and response norm over the whole map",
    // The context of its first block is the guidance; without guidance it is the self-guided form.
    refine(p, x, guidance, { mlpRatio = 4 } = {}) {
      if (!guidance) return contMix(p, x, { mlpRatio });
      const [, c = 1, height = 1, width = 1] = x.shape;
      const context = resizeBilinear(guidance, [height, width]);
      return slice(contMixContext(p, x, context, null, { mlpRatio }), 1, 0, c);
    },
  },
  involution: {
    summary: "a 7 x 7 kernel for every pixel, made from that pixel alone, shared by 16 channels",
    source: "Li et al. 2021; d-li14/involution",
    pools: "nothing",
    refine: inShell(involution),
  },
  condConv: {
    summary: "one 3 x 3 kernel for each image, mixed from four by sigmoids",
    source: "Yang et al. 2019; pytorch-image-models, cond_conv2d.py",
    pools: "the whole map to one value a channel",
    refine: inShell(condConv),
  },
  dynamicConv: {
    summary: "one 3 x 3 kernel for each image, mixed from four by a softmax",
    source: "Chen et al. 2020; kaijieshi7/Dynamic-convolution-Pytorch (not by the authors)",
    pools: "the whole map to one value a channel",
    refine: inShell(dynamicConv),
  },
  odConv: {
    summary: "one 3 x 3 kernel for each image, attended along channels, filters, taps and kernels",
    source: "Li et al. 2022; OSVAI/ODConv",
    pools: "the whole map to one value a channel",
    refine: inShell(odConv),
  },
  lsConv: {
    summary: "a 3 x 3 kernel for every pixel, made by seeing 7 x 7, shared by 8 channels",
    source: "Wang et al. 2025; jameslahm/lsnet",
    pools: "nothing, but the taps of a kernel are normalised over the whole map",
    refine: inShell(lsConv),
  },
  add: {
    summary: "the guidance added to the features after a 1 x 1 convolution",
    source: "the paper's Table 4, row SGE",
    pools: "nothing",
    refine: (p, x, guidance) => (guidance ? add(x, project(p, guidance, x)) : x),
  },
  none: {
    summary: "the features as they are",
    source: "the paper's Table 4, row Res2Net",
    pools: "nothing",
    refine: (_p, x) => x,
  },
} satisfies Readonly<Record<string, RefinerEntry>>;

export type RefinerName = keyof typeof refiners;

export const refinerNames = Object.keys(refiners) as RefinerName[];
