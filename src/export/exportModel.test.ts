import { expect, test } from "vitest";
import { Random } from "../base/random.ts";
import { toEightBits, type ValueRange } from "../data/images/valueRange.ts";
import { createPredictor } from "../network/createPredictor.ts";
import { chosenNetwork, type NetworkFacts } from "../network/facts.ts";
import { networkParameters } from "../network/networkGraphs.ts";
import { initialValue } from "../nn/init.ts";
import { encodeModel } from "../onnx/proto.ts";
import { predictMaps } from "../predict/predictMaps.ts";
import { classesOf } from "../predict/toLabels.ts";
import { nodeRuntime, openEncoded } from "../runtime/nodeRuntime.node.ts";
import type { Session } from "../runtime/session.ts";
import type { RgbImage } from "../tensor/raster.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { exportedModel, networkModel, type FixedSize } from "./exportModel.ts";
import type { ExportFacts } from "./metadata.ts";
import type { Layout } from "./processing.ts";

const statement = { version: "1.2.3", licence: "CC0" };

interface Wanted {
  readonly values?: ValueRange;
  readonly layout?: Layout;
  readonly classes?: number;
  readonly imageSize?: FixedSize;
  readonly maps?: boolean;
  readonly network?: NetworkFacts["network"];
}

const smallUNet = { name: "unet", options: { channels: 2 } };

const exportOf = (wanted: Wanted = {}): ExportFacts => ({
  facts: {
    network: wanted.network ?? smallUNet,
    labels: { classes: wanted.classes ?? 1, names: [], instances: false },
    input: { size: 32, fit: "resize", zoom: 1, values: wanted.values ?? { mode: "fixed" } },
  },
  ...{ processing: true, precision: "float32", maps: wanted.maps ?? false },
  ...{ layout: wanted.layout ?? "nhwc", threshold: 0.5 },
});

function weightsOf({ facts }: ExportFacts, seed = 3): Map<string, Tensor<"float32">> {
  const { size } = facts.input;
  const specs = networkParameters(chosenNetwork(facts), [size, size]);
  return new Map(
    specs.map(({ name, shape, init }) => {
      const value = initialValue(name, shape, init, seed);
      // Sure of itself, as trained weights are: every class has pixels of its own.
      const scale = name === "outc.conv.weight" ? 40 : name === "outc.conv.bias" ? 0 : 1;
      return [name, { ...value, data: value.data.map((v) => v * scale) }];
    }),
  );
}

/** Pixels with smooth parts, noise and a flat corner. */
function picture(width: number, height: number): RgbImage {
  const random = new Random(width * 1000 + height);
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    if (x < width / 4 && y < height / 4) return 40;
    return Math.floor(90 + 80 * Math.sin(x / 5 + (i % 3)) * Math.cos(y / 7) + random.int(60));
  });
  return { width, height, data };
}

async function opened(exported: ExportFacts, imageSize?: FixedSize) {
  const network = networkModel(exported, weightsOf(exported));
  const model = exportedModel(network, exported, statement, imageSize);
  const { name, inputs, outputs } = model;
  const session = await openEncoded(
    { name, inputs, outputs, bytes: encodeModel(model) },
    { threads: 1 },
  );
  return { model, session };
}

/** What the exported model gives for an image. */
async function run(session: Session, { width, height, data }: RgbImage, layout: Layout) {
  const area = width * height;
  const planes = Uint8Array.from(
    { length: 3 * area },
    (_, i) => data[(i % area) * 3 + Math.floor(i / area)]!,
  );
  const image: Tensor =
    layout === "nhwc"
      ? { dtype: "uint8", shape: [1, height, width, 3], data }
      : { dtype: "uint8", shape: [1, 3, height, width], data: planes };
  return session.run({ image });
}

const dataset: ValueRange = {
  ...{ mode: "dataset", bits: 8 },
  ...{ low: [20, 30.5, 10], high: [180, 200, 10] },
};
const cases: readonly (readonly [what: string, wanted: Wanted, sizes: [number, number][]])[] = [
  ["sizes of all kinds", {}, [[97, 61], [32, 32], [20, 45], [1, 3], [130, 31]]], // prettier-ignore
  ["plane by plane", { layout: "nchw" }, [[51, 40]]],
  ["percentiles of the image", { values: { mode: "image" } }, [[50, 37], [16, 16]]], // prettier-ignore
  ["a measured range", { values: dataset, layout: "nchw" }, [[50, 37]]],
  ["several classes", { classes: 3 }, [[45, 70]]],
  ["one size", { imageSize: [40, 50] }, [[50, 40]]],
];

test.each(cases)(
  "%s: probability and mask are those of predict, bit for bit",
  async (_, wanted, sizes) => {
    const { facts, layout } = exportOf(wanted);
    const weights = weightsOf(exportOf(wanted));
    const predictor = await createPredictor(nodeRuntime, {
      ...{ network: chosenNetwork(facts), weights, size: 32, maps: false },
      session: { threads: 1 },
    });
    // A threshold that parts the image, as 0.5 does with trained weights.
    const first = picture(...sizes[0]!);
    const seen = { ...first, data: toEightBits(first, facts.input.values) };
    const values = (await predictMaps(predictor, seen)).channels[0]!.data.toSorted();
    const threshold = values[Math.floor(values.length / 2)]! - 1e-9;
    const { session } = await opened({ ...exportOf(wanted), threshold }, wanted.imageSize);
    for (const [width, height] of sizes) {
      const image = picture(width, height);
      const seen = { ...image, data: toEightBits(image, facts.input.values) };
      const { channels } = await predictMaps(predictor, seen);
      const { probability, mask } = await run(session, image, layout);
      const area = width * height;
      expect(probability!.shape).toEqual([1, channels.length, height, width]);
      for (const [c, { data }] of channels.entries()) {
        expect(probability!.data.slice(c * area, (c + 1) * area)).toEqual(data);
      }
      const { classes } = classesOf(channels, { threshold });
      expect(mask).toEqual({ dtype: "uint8", shape: [1, height, width], data: classes });
      if (width === first.width) expect(new Set(classes).size).toBeGreaterThan(1);
    }
    await predictor.dispose();
    await session.close();
  },
);
