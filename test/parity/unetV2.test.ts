/** U-Net v2 and VM-UNet V2 against golden runs of the published code, whole. */
import { describe } from "vitest";
import { uNetV2 } from "../../src/models/uNetV2.ts";
import { vmUNetV2 } from "../../src/models/vmUNetV2.ts";
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
