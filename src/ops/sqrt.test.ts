import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { input } from "../graph/value.ts";
import { checkOp } from "../../test/helpers/checkOp.ts";
import { evaluate } from "../../test/helpers/evaluate.ts";
import { elementwise } from "../../test/helpers/loops.ts";
import { tensor } from "../tensor/tensor.ts";
import { mul } from "./mul.ts";
import { sqrt } from "./sqrt.ts";
import { sum } from "./sum.ts";

test("the square root and its gradient", async () => {
  await checkOp(sqrt, [[3, 5]], elementwise(Math.sqrt), { range: [0.5, 4] });
});

test("at 0 the gradient of the length of a vector is 0, not NaN", async () => {
  const x = input("x", [3]);
  const length = sqrt(sum(mul(x, x)));
  const [gradient] = backward(length, [x]);
  const results = await evaluate({ length, gradient: gradient! }, { x: tensor([3], [0, 0, 0]) });
  expect([...results.length!.data]).toEqual([0]);
  expect([...results.gradient!.data].map((v) => Math.abs(Number(v)))).toEqual([0, 0, 0]);
});
