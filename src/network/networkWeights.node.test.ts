import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sgdNetEntry } from "../models/sgdNet.ts";
import { initialValue } from "../nn/init.ts";
import { DataError } from "../base/errors.ts";
import { encodeSafetensors } from "../tensor/safetensors.ts";
import { full, type Tensor } from "../tensor/tensor.ts";
import type { ChosenNetwork } from "./facts.ts";
import { networkParameters } from "./networkGraphs.ts";
import { readEncoderWeights, readNetworkWeights } from "./networkWeights.node.ts";

const network: ChosenNetwork = {
  network: sgdNetEntry,
  options: {
    encoder: { stem: [8, 8, 8], blocks: [1, 1, 1, 1], planes: [8, 8, 8, 8], baseWidth: 64 },
    sge: { bottleneck: 8, mid: 8, guidanceChannels: 4 },
    decoderChannels: 8,
  },
};
const size = 64;
const folder = mkdtempSync(join(tmpdir(), "sgdc-weights-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const all = new Map(
  networkParameters(network, [size, size]).map((s) => [
    s.name,
    initialValue(s.name, s.shape, s.init, 7),
  ]),
);

function write(tensors: ReadonlyMap<string, Tensor<"float32">>): string {
  const path = join(folder, "weights.safetensors");
  writeFileSync(path, encodeSafetensors({ tensors }));
  return path;
}

test("weights of the whole network come back under their names, with what PyTorch keeps besides", async () => {
  const extras = new Map([
    ["resnet.fc.weight", full([1000, 32], 0)],
    ["resnet.bn1.num_batches_tracked", full([], 0)],
    ["sge.sobel_x.weight", full([8, 8, 3, 3], 0)],
  ]);
  const read = await readNetworkWeights(write(new Map([...all, ...extras])), network, size);
  expect([...read.keys()].sort()).toEqual([...all.keys()].sort());
  for (const [name, { data }] of all) expect(read.get(name)?.data, name).toEqual(data);
});

test("an encoder's file may name its tensors with or without the prefix", async () => {
  const encoder = [...all].filter(([name]) => name.startsWith("resnet."));
  const bare = new Map(encoder.map(([name, value]) => [name.slice("resnet.".length), value]));
  bare.set("fc.bias", full([1000], 0));
  for (const tensors of [new Map(encoder), bare]) {
    const read = await readEncoderWeights(write(tensors), network, size);
    expect([...read.keys()].sort()).toEqual(encoder.map(([name]) => name).sort());
  }
});

test("every missing, unexpected and misshapen tensor is named", async () => {
  const wrong = new Map(all);
  wrong.delete("predictor1.bias");
  wrong.delete("dm1.predict3.2.weight");
  wrong.set("extra.weight", full([2], 0));
  wrong.set("sgdc1.ls1", full([3], 0));
  const path = write(wrong);
  const error: unknown = await readNetworkWeights(path, network, size).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DataError);
  expect((error as DataError).message).toBe(
    `${path}: must hold exactly the ${all.size} tensors of this network, got 2 missing: dm1.predict3.2.weight, predictor1.bias; 1 unexpected: extra.weight; 1 misshapen: sgdc1.ls1 (must be [32], got [3]); save the weights of this network under their PyTorch names`,
  );
});

test("numbers that are none are refused by the name that the file gives their tensor, of network and encoder", async () => {
  const spoilt = new Map(all);
  const name = "resnet.conv1.0.weight";
  const { shape, data } = all.get(name)!;
  const values = data.slice();
  values[3] = NaN;
  spoilt.set(name, { dtype: "float32", shape, data: values });
  const path = write(spoilt);
  const told = (given: string): string =>
    `${path}: tensors must hold finite numbers, got NaN in "${given}" at 3; take another file, as an earlier checkpoint`;
  const message = (reading: Promise<unknown>): Promise<string> =>
    reading.then(
      () => "it was read",
      (error: unknown) => (error instanceof DataError ? error.message : String(error)),
    );
  expect(await message(readNetworkWeights(path, network, size))).toBe(told(name));
  const encoder = [...spoilt].filter(([key]) => key.startsWith("resnet."));
  const bare = new Map(encoder.map(([key, value]) => [key.slice("resnet.".length), value]));
  // What the network does not use is not asked.
  bare.set("fc.bias", full([1000], Infinity));
  write(bare);
  expect(await message(readEncoderWeights(path, network, size))).toBe(told("conv1.0.weight"));
  bare.set("conv1.0.weight", all.get(name)!);
  write(bare);
  expect((await readEncoderWeights(path, network, size)).size).toBe(encoder.length);
});
