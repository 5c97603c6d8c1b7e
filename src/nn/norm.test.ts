import { test } from "vitest";
import { input } from "../graph/value.ts";
import { ArgumentError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import type { Value } from "../graph/value.ts";
import { groupNorm } from "./norm.ts";
import { Scope } from "./scope.ts";
import { tensor } from "../tensor/tensor.ts";

const gamma = [0.5, -1, 2, 1.5, 0.7, 1];
const beta = [0.1, -0.2, 0.3, 0, 1, -1];

test.each([1, 2, 3, 6])("group norm in %i groups, and its gradient", async (groups) => {
  const shape = [2, 6, 3, 4];
  const weights = new Map([
    ["weight", tensor([6], gamma)],
    ["bias", tensor([6], beta)],
  ]);
  const layer = (x: Value): Value =>
    groupNorm(Scope.root({ kind: "predict", weights }).scope, x, groups);
  const reference = (x: Reference): Reference => {
    const per = 6 / groups;
    const count = per * 12;
    const over = (n: number, c: number, f: (v: number) => number): number =>
      total(count, (i) => {
        const channel = Math.floor(c / per) * per + Math.floor(i / 12);
        return f(at(x, n, channel, Math.floor((i % 12) / 4), i % 4));
      }) / count;
    return build(shape, (n, c, y, z) => {
      const mean = over(n, c, (v) => v);
      const variance = over(n, c, (v) => (v - mean) ** 2);
      return ((at(x, n, c, y, z) - mean) / Math.sqrt(variance + 1e-5)) * gamma[c]! + beta[c]!;
    });
  };
  await checkOp(layer, [shape], reference);
});

test("groups that do not divide the channels are refused", () => {
  expectError(
    () => groupNorm(Scope.root({ kind: "evaluate" }).scope.at("n"), input("x", [1, 6, 2, 2]), 4),
    ArgumentError,
    "group norm at n: groups must divide the channels, got 4 and 6",
  );
});
