import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { ChosenNetwork } from "../network/facts.ts";
import { createNetworkModel } from "../network/networkModel.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { lee2020Entry } from "./lee2020.ts";

const side = 32;
const random = Random.of("lee2020");
const images = Float32Array.from({ length: 2 * 3 * side * side }, () => random.normal());
const masks = (planes: number): Float32Array =>
  Float32Array.from({ length: 2 * planes * side * side }, (_, i) => (i % side < 16 ? 1 : 0));
const model = (more: Partial<ChosenNetwork> = {}, common = false) =>
  createNetworkModel(nodeRuntime, {
    network: { network: lee2020Entry, options: { channels: 2 }, ...more },
    size: [side, side],
    seed: 1,
    loss: { common },
  });

test("every block is trained by the key points of the mask, in steps and in evaluation", async () => {
  const made = model();
  const { terms, gradients } = await made.step(images, masks(1), 2, 5);
  expect(Object.keys(terms).sort()).toEqual(["map", "seg1", "total"]);
  expect(terms["total"]).toBeCloseTo(terms["seg1"]! + terms["map"]!, 5);
  for (let i = 1; i <= 8; i++) {
    expect(gradients.get(`bpb${i}.join.bias`)!.some((g) => g !== 0)).toBe(true);
  }
  const evaluated = await made.evaluate(images, masks(1), 2);
  expect(evaluated.terms["map"]).toBeGreaterThan(0);
  await made.dispose();
});

test("the common loss knows no key points", async () => {
  const made = model({}, true);
  const { terms, gradients } = await made.step(images, masks(1), 2, 5);
  expect(Object.keys(terms).sort()).toEqual(["seg1", "total"]);
  // The map still weights the features.
  expect(gradients.get("bpb1.join.bias")!.some((g) => g !== 0)).toBe(true);
  await made.dispose();
});

test("several classes and instances are refused, because key points are those of one mask", async () => {
  const why = "loss of lee-2020: the data must have one class and no instances";
  await expectRejection(
    model({ channels: 3 }).step(images, masks(3), 2, 5),
    ArgumentError,
    `${why}, because key points are those of one mask, got 2 classes`,
  );
  await expectRejection(
    model({ instances: true }).step(images, masks(2), 2, 5),
    ArgumentError,
    `${why}, because key points are those of one mask, got instances`,
  );
});
