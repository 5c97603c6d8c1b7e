import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { constant } from "../graph/value.ts";
import { full, tensor } from "../tensor/tensor.ts";
import { evaluate } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { ctoLoss, type CtoLossOptions } from "./ctoLoss.ts";

const mask = constant(tensor([1, 1, 2, 4], [0, 0, 0, 0, 0, 1, 1, 0]));
const logits = constant(tensor([1, 1, 2, 4], [-2, -1, 0, 1, 2, 1, 0, -1]));
const edge = constant(full([1, 1, 2, 4], 50));
const terms = (options: CtoLossOptions) =>
  ctoLoss({ logits, auxiliary: [logits, logits], edge }, mask, options);

test("the total is the sum over heads plus lambda times the edge term", async () => {
  const found = await evaluate(terms({ lambda: 2 }));
  const of = (name: string): number => Number(found[name]!.data[0]);
  expect(of("seg2")).toBe(of("seg1"));
  expect(of("total")).toBeCloseTo(3 * of("seg1") + 2 * of("edge"), 5);
  // Everything is called edge; all of the 6 other pixels are in the ring: 1 - (2 6 + 1) / (8 + 6 + 1).
  expect(of("edge")).toBeCloseTo(1 - 13 / 15, 5);
});

test("heads and edge can be left out, and the released edge term does not look at the edge map", async () => {
  expect(Object.keys(terms({ deepSupervision: false, lambda: 0 }))).toEqual(["seg1", "total"]);
  const other = constant(full([1, 1, 2, 4], -50));
  const released = { edgeTerm: "released" } as const;
  const [a, b] = [terms(released), ctoLoss({ logits, edge: other }, mask, released)];
  const found = await evaluate({ a: a.edge!, b: b.edge! });
  expect(found.a!.data[0]).toBe(found.b!.data[0]);
});

test("options that the loss cannot follow are refused", () => {
  for (const options of [{ dice: false }, { crossEntropy: false }, { classWeights: [1, 2] }]) {
    expectError(
      () => terms(options),
      ArgumentError,
      "loss of cto: crossEntropy and dice must be on and classWeights not given, because its segmentation term is one",
    );
  }
});
