/** Names, shapes and order of all tensors of published networks, against lists made from the published code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { networkNamed } from "../src/models/registry.ts";
import { sizedOptions } from "../src/models/network.ts";
import { countNetwork } from "../src/network/inspectNetwork.ts";
import { networkParameters } from "../src/network/networkGraphs.ts";
import { sizeOf } from "../src/tensor/shape.ts";

// The published classes at 256 x 256, with two classes. Counters of batches and tables of indices are left out of the lists, as they
// are here. Then what was counted of the published code: trained parameters, and
// thousand millions of multiply-accumulates of its convolutions and linear layers.
test.each([
  ["cto-vanilla", "cto", "vanilla", 62_216_794, 22.614],
  ["cto-stitchvit", "cto", "stitchvit", 61_822_848, 22.614],
  ["transunet-r50-vit-b16", "transunet", "r50-vit-b16", 105_322_146, 37.186],
  ["levit-unet-384", "levit-unet", "levit-384", 52_158_738, 33.064],
  ["levit-unet-192", "levit-unet", "levit-192", 19_897_034, 24.504],
  ["levit-unet-128s", "levit-unet", "levit-128s", 15_897_394, 22.732],
])(
  "%s: the same tensors in the same order, the same counts",
  (file, name, size, trained, billions) => {
    const network = networkNamed(name);
    const chosen = { network, options: sizedOptions(network, size), channels: 2 };
    const parameters = networkParameters(chosen, [256, 256]);
    const listed = parameters.map(
      (spec) => `${spec.name} ${spec.shape.join("x")} ${spec.trained ? "trained" : "buffer"}`,
    );
    const path = join(import.meta.dirname, "fixtures", "inventories", `${file}.txt`);
    expect(listed).toEqual(readFileSync(path, "utf8").trimEnd().split("\n"));
    const count = parameters
      .filter((p) => p.trained)
      .reduce((n, { shape }) => n + sizeOf(shape), 0);
    expect(count).toBe(trained);
    expect(countNetwork(chosen, 256).macs.layers / 1e9).toBeCloseTo(billions, 2);
  },
);
