import { describe, expect, test } from "vitest";
import { Random } from "../base/random.ts";
import { sizedOptions } from "../models/network.ts";
import { networks } from "../models/registry.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { countNetwork } from "./inspectNetwork.ts";
import { createNetworkModel } from "./networkModel.ts";

const compact = networks
  .filter(({ sizes }) => sizes.compact)
  .map((network) => ({ network, options: sizedOptions(network, "compact") }));
const total = (chosen: (typeof compact)[number]): number => {
  const { layers, products } = countNetwork(chosen, 128).macs;
  return layers + products;
};

test("tiny SGD-Net is as small as it says: 30 to 60 thousand parameters, 0.06 G at 256 x 256", () => {
  const options = sizedOptions(compact[0]!.network, "tiny");
  const { parameters, macs } = countNetwork({ network: compact[0]!.network, options }, 256);
  expect(parameters).toBeGreaterThan(30_000);
  expect(parameters).toBeLessThan(60_000);
  expect(macs.layers + macs.products).toBeLessThanOrEqual(0.06e9);
});

describe.each(compact.map((chosen) => [chosen.network.name, chosen] as const))(
  "%s, compact",
  (_name, chosen) => {
    test("multiplies and accumulates as often as compact SGD-Net, within 10 %", () => {
      expect(Math.abs(total(chosen) / total(compact[0]!) - 1)).toBeLessThan(0.1);
    });

    // SGD-Net's own training is tested elsewhere.
    if (chosen === compact[0]) return;
    test("takes a training step with finite gradients, not all of them zero", async () => {
      const side = 64;
      const model = createNetworkModel(nodeRuntime, {
        network: chosen,
        size: [side, side],
        seed: 1,
      });
      const random = Random.of("compactSizes");
      const draw = (channels: number, f: () => number) =>
        Float32Array.from({ length: 2 * channels * side * side }, f);
      const image = draw(3, () => random.normal());
      const mask = draw(1, () => (random.next() < 0.3 ? 1 : 0));
      const { terms, gradients } = await model.step(image, mask, 2, 0);
      for (const value of Object.values(terms)) expect(Number.isFinite(value)).toBe(true);
      let moving = 0;
      for (const [name, gradient] of gradients) {
        expect(gradient.every(Number.isFinite), name).toBe(true);
        if (gradient.some((g) => g !== 0)) moving++;
      }
      // Parts that no loss reaches are held for their names alone, e.g. the last stage of VM-UNet V2, a ninth of its tensors. And
      // nothing moves at first behind a factor that starts at 0: in LeViT-UNet all residual branches, half of its tensors.
      expect(moving / gradients.size).toBeGreaterThan(0.3);
      await model.dispose();
    }, 180_000);
  },
);
