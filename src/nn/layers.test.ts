import { expect, test } from "vitest";
import { evaluate } from "../../test/helpers/evaluate.ts";
import { input } from "../graph/value.ts";
import { tensor } from "../tensor/tensor.ts";
import { dropPath } from "./layers.ts";
import { Scope } from "./scope.ts";

test("a dropped path leaves out whole images, and only while training", async () => {
  const { scope, registry } = Scope.root({ kind: "train" });
  const x = input("x", [2, 1, 3]);
  const y = dropPath(scope.at("drop_path"), x, 0.2);
  expect([...registry.noise.values()]).toEqual([
    { name: "noise/drop_path.mask", shape: [2, 1, 1], rate: 0.2 },
  ]);
  const feeds = {
    x: tensor([2, 1, 3], [1, 2, 3, 4, 5, 6]),
    "noise/drop_path.mask": tensor([2, 1, 1], [0, 1.25]),
  };
  expect([...(await evaluate({ y }, feeds)).y!.data]).toEqual([0, 0, 0, 5, 6.25, 7.5]);

  const still = Scope.root({ kind: "evaluate" });
  expect(dropPath(still.scope, x, 0.2)).toBe(x);
  expect(dropPath(scope, x, 0)).toBe(x);
});
