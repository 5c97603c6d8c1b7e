/** U-Net and its kin against golden runs of the public code, whole. */
import { describe } from "vitest";
import { networkNamed } from "../../src/models/registry.ts";
import { testHashedNetwork } from "./hashed.ts";

describe.each([
  { golden: "unet-milesial-transposed-full", network: "unet", classes: 2, options: {} },
  {
    golden: "unet-milesial-bilinear-full",
    network: "unet",
    classes: 2,
    options: { variant: "bilinear" },
  },
  { golden: "attunet-lee-full", network: "attention-unet", classes: 1, options: {} },
  { golden: "unet-lee-full", network: "unet", classes: 1, options: { variant: "lee" } },
])("$golden", ({ golden, network, classes, options }) => {
  testHashedNetwork({
    name: golden,
    side: 32,
    build: (p, x) => [networkNamed(network).trace(p, x, classes, options).logits],
  });
});
