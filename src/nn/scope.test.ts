import { expect, test } from "vitest";
import { ones, zeros } from "./init.ts";
import { parametersInOrder, Scope } from "./scope.ts";

function traced(order: boolean): string[] {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  if (order) scope.order("head", "body");
  const body = scope.at("body.0");
  body.order("norm", "conv");
  body.parameter("conv.weight", [1], ones);
  body.buffer("norm.running_mean", [1], zeros);
  scope.parameter("head.weight", [1], ones);
  scope.at("body.1").parameter("weight", [1], ones);
  scope.parameter("extra", [1], ones);
  return parametersInOrder(registry).map(({ name }) => name);
}

test("parameters are listed in the order of the published module, children that it does not name last", () => {
  expect(traced(true)).toEqual([
    "head.weight",
    "body.0.norm.running_mean",
    "body.0.conv.weight",
    "body.1.weight",
    "extra",
  ]);
});

test("a network that does not tell the order of its outermost modules is listed in the order of use", () => {
  expect(traced(false)).toEqual([
    "body.0.conv.weight",
    "body.0.norm.running_mean",
    "head.weight",
    "body.1.weight",
    "extra",
  ]);
});
