/** `src/index.ts` is all of the library without Node: it bundles for a browser, and trains a network over a store in memory. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as sgdc from "../src/index.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Bundles a text as a browser would get it. */
const bundle = (contents: string) =>
  build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
    logLevel: "silent",
  });

describe("src/index.ts", () => {
  it("bundles for a browser without a built-in of Node, the engine or a decoder", async () => {
    const { metafile, outputFiles } = await bundle('export * from "./src/index.ts";');
    const files = Object.keys(metafile.inputs);
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => /\.node\.ts$|onnxruntime|sharp|piscina/.test(file))).toEqual([]);
    const code = outputFiles[0]!.text;
    // What a browser has not: esbuild refuses imports of Node, but cannot see its globals.
    expect(code.match(/\b(Buffer\.|process\.|setImmediate\(|__dirname|require\()/g) ?? []).toEqual(
      [],
    );
  });

  it("would not bundle with a file of Node in it", async () => {
    const text = 'export * from "./src/index.ts"; export * from "./src/run/folderStore.node.ts";';
    await expect(bundle(text)).rejects.toThrow(/Could not resolve "node:/);
  });

  it("offers every operator", () => {
    const helpers = ["channelwise", "emitConv", "inferBroadcast", "poolSize", "index"];
    const files = readdirSync(`${root}/src/ops`)
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => file.slice(0, -3))
      .filter((name) => !helpers.includes(name));
    const offered = new Set(Object.keys(sgdc.ops));
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((name) => !offered.has(name) && name !== "batchNorm2d")).toEqual([]);
    expect(offered.has("batchNorm2d")).toBe(true);
  });

  it("trains a network to the end in memory, and goes on to the same bits", async () => {
    const samples = Array.from({ length: 8 }, (_, index) => {
      const { image, mask } = sgdc.makePhantom({ seed: 1, index, size: 64 });
      const { width, height, data: classes } = mask;
      return { name: String(index), image, labels: { width, height, classes } };
    });
    const size = 64;
    const common = { width: size, height: size, batchSize: 2, seed: 4 };
    // Two convolutions with batch norm and dropout: all that has a state or a random number.
    const tiny = sgdc.defineNetwork({
      ...{ name: "tiny", title: "Tiny", source: "this test", sizes: { tiny: {} } },
      options: z.strictObject({}),
      sides: { multipleOf: 1, least: 8 },
      trace(p, image, { classes }) {
        const seen = sgdc.nn.batchNorm2d(p.at("norm"), sgdc.nn.conv3x3(p.at("first"), image, 8));
        const kept = sgdc.nn.dropout(p.at("drop"), sgdc.ops.relu(seen), 0.1);
        return { logits: sgdc.nn.conv2d(p.at("head"), kept, classes) };
      },
    });
    const network: sgdc.ChosenNetwork = { network: tiny, options: {} };
    const run = async (
      store: sgdc.MemoryStore,
      resume?: sgdc.Snapshot,
      stopAfter = Infinity,
    ): Promise<sgdc.FitResult> => {
      const controller = new AbortController();
      let steps = 0;
      const model = sgdc.createNetworkModel(nodeRuntime, {
        network,
        size: [size, size],
        loss: { lambda: 0, crossEntropy: true, dice: true, deepSupervision: false },
        seed: 4,
        session: { threads: 1 },
      });
      try {
        return await sgdc.fit({
          settings: {
            ...{ epochs: 2, learningRate: 1e-3, seed: 4, size, channels: 1, ema: 0.9 },
            optimizer: { name: "adamW" },
            schedule: { name: "cosine", unit: "step" },
          },
          model,
          training: sgdc.memoryLoader(samples.slice(0, 6), {
            ...common,
            augment: {},
            shuffle: true,
            dropLast: true,
          }),
          validation: sgdc.memoryLoader(samples.slice(6), common),
          store,
          resume,
          signal: controller.signal,
          events: {
            onStep() {
              if (++steps === stopAfter) controller.abort();
            },
          },
        });
      } finally {
        await model.dispose();
      }
    };
    const [whole, parts] = [sgdc.memoryStore(), sgdc.memoryStore()];
    expect((await run(whole)).status).toBe("finished");
    expect((await run(parts, undefined, 4)).status).toBe("interrupted");
    // A page keeps bytes: through a checkpoint's, as a file of this program would hold them.
    const config = sgdc.resolveConfig({ preset: "compact", data: { path: "memory", size } });
    const bytes = sgdc.encodeSafetensors(sgdc.checkpointContents({ config, ...parts.last! }));
    const kept = sgdc.checkpointOf(sgdc.decodeSafetensors(bytes), "kept");
    expect((await run(parts, kept)).status).toBe("finished");
    expect([...parts.last!.tensors]).toEqual([...whole.last!.tensors]);

    const predictor = await sgdc.createPredictor(nodeRuntime, {
      network,
      weights: sgdc.inferenceWeights(whole.last!.tensors),
      size,
      maps: false,
      session: { threads: 1 },
    });
    const { channels } = await sgdc.predictMaps(predictor, samples[7]!.image, { fit: "resize" });
    await predictor.dispose();
    expect(channels[0]!.data).toHaveLength(size * size);
    const { classes } = sgdc.classesOf(channels);
    expect(classes.every((value) => value <= 1)).toBe(true);
  });
});
