/** Networks whose learned tables belong to a size of image: TransUNet and LeViT-UNet. */
import { expect, test } from "vitest";
import { ArgumentError } from "../base/errors.ts";
import { input } from "../graph/value.ts";
import { Scope } from "../nn/scope.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { sizedOptions, type NetworkOptions } from "./network.ts";
import { networkNamed } from "./registry.ts";

const shapeOf = (name: string, table: string, side: number, options: NetworkOptions) => {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  const network = networkNamed(name);
  const image = input("image", [1, 3, side, side]);
  network.trace(scope, image, 1, sizedOptions(network, "compact", options));
  return registry.parameters.get(table)?.spec.shape;
};

test.each([
  ["transunet", "transformer.embeddings.position_embeddings", [1, 16, 128], [1, 64, 128]],
  ["levit-unet", "block_1.0.m.attention_biases", [2, 16], [2, 64]],
])(
  "%s: the table is that of the image, or that of the size that is asked for",
  (name, table, own, asked) => {
    expect(shapeOf(name, table, 64, {})).toEqual(own);
    expect(shapeOf(name, table, 64, { imageSize: 128 })).toEqual(asked);
  },
);

test("heads that do not divide the channels of a token are refused", () => {
  expectError(
    () => shapeOf("transunet", "", 64, { heads: 3 }),
    ArgumentError,
    "transunet: heads must divide the channels of a token, got 3 and 128; choose others",
  );
});
