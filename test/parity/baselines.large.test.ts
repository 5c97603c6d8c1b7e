/** CTO, TransUNet and LeViT-UNet against golden runs of the published code, whole. */
import { describe } from "vitest";
import { cto } from "../../src/models/cto.ts";
import { levitUNet } from "../../src/models/levitUNet.ts";
import { transUNet } from "../../src/models/transUNet.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { testHashedNetwork } from "./hashed.ts";

/** Sobel kernels: the same nine numbers for each channel. */
const sobel = (name: string, shape: readonly number[]) => {
  const across = /sobel_x/.test(name)
    ? [1, 0, -1, 2, 0, -2, 1, 0, -1]
    : [1, 2, 1, 0, 0, 0, -1, -2, -1];
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    shape,
    Float32Array.from({ length: size }, (_, i) => across[i % 9]!),
  );
};

describe("cto-stitchvit-full", () => {
  testHashedNetwork({
    name: "cto-stitchvit-full",
    side: 128,
    build(p, x) {
      const { logits, auxiliary, maps } = cto(p, x, {
        ...{ classes: 2, attention: "stitch", dropoutRate: 0 },
      });
      return [auxiliary[1], auxiliary[0], logits, maps.edge];
    },
    constructed: sobel,
  });
});

describe("levit-unet-384-full", () => {
  testHashedNetwork({
    name: "levit-unet-384-full",
    side: 128,
    build: (p, x) => [levitUNet(p, x, { classes: 2, dropPathRate: 0 }).logits],
  });
});

describe("transunet-r50-vit-b16-full", () => {
  testHashedNetwork({
    name: "transunet-r50-vit-b16-full",
    side: 64,
    build: (p, x) => [transUNet(p, x, { classes: 2, dropoutRate: 0 }).logits],
  });
});
