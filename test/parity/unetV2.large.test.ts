/** U-Net v2 and VM-UNet V2 against golden runs of the published code, whole. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { input } from "../../src/graph/value.ts";
import { networkNamed } from "../../src/models/registry.ts";
import { uNetV2 } from "../../src/models/uNetV2.ts";
import { vmUNetV2 } from "../../src/models/vmUNetV2.ts";
import { parametersInOrder, Scope } from "../../src/nn/scope.ts";
import { sigmoid } from "../../src/ops/sigmoid.ts";
import { testHashedNetwork } from "./hashed.ts";

describe("unetv2-full", () => {
  testHashedNetwork({
    name: "unetv2-full",
    side: 64,
    build(p, x) {
      const { full, half } = uNetV2(p, x, { classes: 2, encoder: { dropPathRate: 0 } });
      return [full, half];
    },
  });
});

describe("vmunetv2-full", () => {
  testHashedNetwork({
    name: "vmunetv2-full",
    side: 64,
    build: (p, x) => [sigmoid(vmUNetV2(p, x, { dropPathRate: 0 }))],
  });
});

/** Names, shapes and kinds of everything that the published classes hold, as their state_dict lists them, without batch counters. */
test.each([
  ["unet-v2", "unet-v2-pvtv2b2", 2],
  ["vm-unet-v2", "vm-unet-v2", 1],
] as const)(
  "%s holds what the published class holds, in the same order",
  (name, inventory, classes) => {
    const { scope, registry } = Scope.root({ kind: "evaluate" });
    networkNamed(name).trace(scope, input("image", [1, 3, 64, 64]), classes, {});
    const ours = parametersInOrder(registry).map(
      ({ name, shape, trained }) => `${name} ${shape.join("x")} ${trained ? "trained" : "buffer"}`,
    );
    const file = join(import.meta.dirname, "..", "fixtures", "inventories", `${inventory}.txt`);
    expect(ours).toEqual(readFileSync(file, "utf8").trimEnd().split("\n"));
  },
);
