import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { Scope } from "../nn/scope.ts";
import { sizedOptions, type NetworkOptions } from "./network.ts";
import { sgdNetEntry } from "./sgdNet.ts";

/** Names of the parameters, and the outputs, of `compact` with these options. */
function trace(options: NetworkOptions) {
  const { scope, registry } = Scope.root({ kind: "train" });
  const outputs = sgdNetEntry.trace(
    scope,
    input("image", [2, 3, 64, 64]),
    1,
    sizedOptions(sgdNetEntry, "compact", options),
  );
  return { names: [...registry.parameters.keys()], outputs };
}

const without = (names: readonly string[], ...prefixes: string[]): string[] =>
  names.filter((name) => !prefixes.some((prefix) => name.startsWith(prefix)));

const full = trace({});
const levels = [1, 2, 3].map((level) => `sgdc${level}.`);

// What each row of the paper's ablations takes out of the network, and what it puts in.
test.each<[string, NetworkOptions, string[]]>([
  ["no long-range attention", { longRange: false }, without(full.names, "multi_trans.")],
  [
    "no structure, no refiner",
    { structure: false, refiner: "none" },
    without(full.names, "sge.", ...levels),
  ],
  ["no refiner", { refiner: "none" }, without(full.names, ...levels)],
  [
    "features that guide themselves",
    { guidance: "self" },
    full.names.filter((name) => !name.includes(".proj_guidance.")),
  ],
  [
    "no local branch",
    { localBranch: false },
    full.names.filter((name) => !name.includes(".dwconv.")),
  ],
  ["no dynamic branch", { dynamicBranch: false }, full.names],
  ["no edge operator", { edgeOperator: "none" }, full.names],
  ["Scharr", { edgeOperator: "scharr" }, full.names],
  ["Laplacian", { edgeOperator: "laplacian" }, full.names],
])("%s", (_name, options, names) => {
  expect([...trace(options).names].sort()).toEqual([...names].sort());
});

test.each(["learnable", "adaptive"])(
  "%s kernels are trained, a pair for each level",
  (edgeOperator) => {
    const added = trace({ edgeOperator }).names.filter((name) => !full.names.includes(name));
    expect(added).toEqual(["sge.edge4.weight", "sge.edge1.weight"]);
  },
);

test("without structure there is no edge head and no guidance to look at", () => {
  const { outputs } = trace({ structure: false });
  expect(outputs.edge).toBeUndefined();
  expect(outputs.maps).toEqual({});
  expect(sgdNetEntry.heads({ structure: false })).toEqual(["auxiliary"]);
  expect(sgdNetEntry.heads({})).toEqual(["auxiliary", "edge"]);
});

test("every refiner stands on all three levels", () => {
  for (const refiner of [
    "contMix",
    "involution",
    "condConv",
    "dynamicConv",
    "odConv",
    "lsConv",
    "add",
  ]) {
    const { names } = trace({ refiner });
    for (const level of levels)
      expect(
        names.some((name) => name.startsWith(level)),
        refiner,
      ).toBe(true);
  }
});
