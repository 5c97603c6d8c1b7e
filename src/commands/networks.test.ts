import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { networkNames } from "../models/registry.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { listNetworks } from "./networks.ts";

test("networks are listed with the counts of the published code", () => {
  const listed = listNetworks({ size: 256 });
  expect(listed.map(({ name }) => name)).toEqual(networkNames);
  const countsOf = (name: string, size: string) =>
    listed.find((one) => one.name === name)!.sizes.find((one) => one.size === size)!.counts!;
  // Counted from the public PyTorch modules: LeeJunHyun's and milesial's have other numbers of classes, see the parity tests.
  const half = countsOf("unet", "half");
  expect([half.parameters, (half.macs.layers / 1e9).toFixed(3)]).toEqual([7_763_041, "12.071"]);
  expect(countsOf("sgd-net", "paper").parameters).toBe(73_829_938);
});

test("compact networks cost what SGD-Net's compact does, within a tenth", () => {
  const listed = listNetworks({ size: 128 });
  const costs = new Map(
    listed.flatMap(({ name, sizes }) =>
      sizes
        .filter(({ size }) => size === "compact")
        .map(({ counts }) => [name, counts!.macs.layers + counts!.macs.products] as const),
    ),
  );
  const wanted = costs.get("sgd-net")!;
  expect(costs.get("unet")! / wanted).toBeGreaterThan(0.9);
  expect(costs.get("unet")! / wanted).toBeLessThan(1.1);
});

test("a network that does not take the size is listed without counts", () => {
  const listed = listNetworks({ size: 48 });
  const of = (name: string) => listed.find((one) => one.name === name)!;
  expect(of("unet").sizes[0]!.counts).toBeDefined();
  expect(of("sgd-net").sizes[0]!.counts).toBeUndefined();
  expect(of("sgd-net").sides).toBe("a multiple of 32 and at least 64");
  expectError(
    () => listNetworks({ size: 0 }),
    ArgumentError,
    "size (--size) must be at least 1, got 0",
  );
});
