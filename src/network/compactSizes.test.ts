import { expect, test } from "vitest";
import { sizedOptions } from "../models/network.ts";
import { networks } from "../models/registry.ts";
import { countNetwork } from "./inspectNetwork.ts";

// That each trains and predicts is shown from end to end, in test/e2e/otherNetworks.test.ts.
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

test.each(compact.map((chosen) => [chosen.network.name, chosen] as const))(
  "%s, compact, multiplies and accumulates as often as compact SGD-Net, within a tenth",
  (_name, chosen) => {
    expect(Math.abs(total(chosen) / total(compact[0]!) - 1)).toBeLessThan(0.1);
  },
);
