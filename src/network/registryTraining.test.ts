/** What every network of the registry must do in its small size: take a training step, and cost what the others cost. */
import { describe, expect, test } from "vitest";
import { Random } from "../base/random.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import { sizedOptions } from "../models/network.ts";
import { networks } from "../models/registry.ts";
import { initialValue } from "../nn/init.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { sizeOf } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { countNetwork } from "./inspectNetwork.ts";
import { networkParameters, trainingGraph } from "./networkGraphs.ts";

const small = networks
  .filter(({ sizes }) => "compact" in sizes)
  .map((network) => ({ network, options: sizedOptions(network, "compact"), channels: 1 }));

/** Multiply-accumulates of the layers at 128 x 128. */
const macsOf = (chosen: (typeof small)[number]): number => countNetwork(chosen, 128).macs.layers;

describe.each(small.map((chosen) => [chosen.network.name, chosen] as const))(
  "%s",
  (name, chosen) => {
    test("costs what SGD-Net's compact costs, within 10 %", () => {
      const reference = macsOf(small.find(({ network }) => network.name === "sgd-net")!);
      expect(Math.abs(macsOf(chosen) / reference - 1)).toBeLessThan(0.1);
    });

    test("takes a training step: a finite loss and a gradient of every parameter", async () => {
      const side = 64;
      const shape = { network: chosen, batch: 2, height: side, width: side };
      const { graph, trained, noise } = trainingGraph(shape, {});
      const random = Random.of("training step", name);
      const feeds: Record<string, Tensor> = {};
      for (const p of networkParameters(chosen, [side, side]))
        feeds[p.name] = initialValue(p.name, p.shape, p.init, 1);
      for (const n of noise) {
        const mask = Float32Array.from({ length: sizeOf(n.shape) }, () =>
          random.next() < n.rate ? 0 : 1 / (1 - n.rate),
        );
        feeds[n.name] = tensor(n.shape, mask);
      }
      const pixels = Float32Array.from({ length: 2 * 3 * side * side }, () =>
        random.uniform(-2, 2),
      );
      feeds.image = tensor([2, 3, side, side], pixels);
      const inside = Float32Array.from({ length: 2 * side * side }, (_, i) => {
        const [y, x] = [Math.floor((i % side ** 2) / side), i % side];
        return (y - 30) ** 2 + (x - 36) ** 2 < 300 ? 1 : 0;
      });
      feeds.mask = tensor([2, 1, side, side], inside);

      const session = await nodeRuntime.open(toOnnx(graph));
      const wanted = Object.fromEntries(graph.inputs.map((i) => [i.name, feeds[i.name]!]));
      const results = await session.run(wanted);
      await session.close();

      expect(Number.isFinite(Number(results["loss/total"]!.data[0]))).toBe(true);
      const parameters = networkParameters(chosen, [side, side]).filter((p) => p.trained);
      expect([...trained].sort()).toEqual(parameters.map((p) => p.name).sort());
      let moving = 0;
      for (const key of trained) {
        const values = results[`grad/${key}`]!.data as Float32Array;
        expect(values.every(Number.isFinite), `${key}: finite`).toBe(true);
        if (values.some((v) => v !== 0)) moving++;
      }
      // Behind a factor that starts at 0 (LeViT's last batch norms, the attention of CTO and SGD-Net) nothing moves at first.
      expect(moving).toBeGreaterThan(trained.length / 3);
    }, 180_000);
  },
);
