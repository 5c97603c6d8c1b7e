import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { chosenNetwork } from "../network/facts.ts";
import { networkParameters } from "../network/networkGraphs.ts";
import { initialValue } from "../nn/init.ts";
import { encodeModel } from "../onnx/proto.ts";
import { readModelHeader } from "../onnx/readModel.ts";
import { saveCheckpoint } from "../run/checkpoint.node.ts";
import { resolveConfig } from "../run/config.ts";
import { factsOf } from "../run/networkFacts.ts";
import { encodeSafetensors } from "../tensor/safetensors.ts";
import { atStart } from "../train/progress.ts";
import { exportNetwork, type ExportOptions } from "./export.node.ts";
import { predict, type PredictOptions } from "./predict.node.ts";

let root: string;
const at = (...parts: string[]): string => join(root, ...parts);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-export-"));
  const config = resolveConfig({
    network: { name: "unet", options: { channels: 2 } },
    data: { path: ".", size: 32, classes: 1, classNames: ["lesion"] },
  });
  const specs = networkParameters(chosenNetwork(factsOf(config)), [32, 32]);
  const tensors = new Map(
    specs.map(({ name, shape, init }) => [name, initialValue(name, shape, init, 5)]),
  );
  await saveCheckpoint(at("net.safetensors"), { config, progress: atStart(), tensors });
  const random = new Random(1);
  for (let i = 0; i < 4; i++) {
    const [width, height] = [40 + 3 * i, 33];
    const data = Uint8Array.from({ length: 3 * width * height }, () => random.int(256));
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(at(`${i}.png`));
  }
  return () => rm(root, { recursive: true });
});

const exported = (options: Partial<ExportOptions> & { out: string }) =>
  exportNetwork({ checkpoint: at("net.safetensors"), threads: 1, ...options });
const predicted = (options: Partial<PredictOptions> & { out: string }) =>
  predict({ checkpoint: at("net.safetensors"), inputs: [at("0.png")], threads: 1, ...options });

test("an exported file says what it is, and predict makes of it what it makes of the checkpoint", async () => {
  const { file, bytes, inputs } = await exported({ out: at("a.onnx"), licence: "CC0" });
  const header = readModelHeader(await readFile(file));
  expect(inputs).toEqual(header.inputs);
  expect(bytes).toBe((await readFile(file)).length);
  const { metadata } = header;
  expect(JSON.parse(metadata.get("labels")!)).toEqual(["background", "lesion"]);
  expect(metadata.get("licence")).toBe("CC0");
  expect(metadata.get("intended_use")).toMatch(/^Research use only. Not a medical device/);
  expect(metadata.get("threshold")).toBe("0.5");
  expect(metadata.get("network")).toBe("unet");
  expect(metadata.get("network_size")).toBe("32 x 32");

  await predicted({ out: at("one") });
  await predicted({ out: at("two"), checkpoint: file });
  await exported({ out: at("net.onnx"), processing: false });
  await predicted({ out: at("three"), checkpoint: at("net.onnx") });
  for (const name of ["0_mask.png", "0_probability.png"]) {
    const first = await readFile(at("one", name));
    expect(await readFile(at("two", name))).toEqual(first);
    expect(await readFile(at("three", name))).toEqual(first);
  }
});

test("float16 and int8 files are smaller, and predict takes these precisions as well", async () => {
  const { bytes: plain } = await exported({ out: at("p.onnx") });
  const half = await exported({ out: at("h.onnx"), precision: "float16" });
  const whole = await exported({ out: at("i.onnx"), precision: "int8", calibrate: root });
  expect(half.bytes).toBeLessThan(plain);
  expect(whole.bytes).toBeLessThan(half.bytes);
  expect(whole.quantised!.layers.length).toBeGreaterThan(10);
  expect(whole.quantised!.error).toBeLessThan(0.05);
  const { images } = await predicted({ out: at("four"), checkpoint: at("i.onnx") });
  expect(images[0]!.width).toBe(40);
  await predicted({ out: at("five"), precision: "int8", calibrate: root });
  expect(await readFile(at("five", "0_mask.png"))).toEqual(
    await readFile(at("four", "0_mask.png")),
  );
});

test("a file that is there, and a name that is not of ONNX, are refused", async () => {
  await writeFile(at("there.onnx"), "mine");
  await expectRejection(
    exported({ out: at("there.onnx") }),
    ArgumentError,
    `${at("there.onnx")}: output file must not exist yet, got one; choose another name, or replace it with --overwrite`,
  );
  expect(await readFile(at("there.onnx"), "utf8")).toBe("mine");
  await exported({ out: at("there.onnx"), overwrite: true });
  await expectRejection(
    exported({ out: at("model.pb") }),
    ArgumentError,
    "out (--out) must end in .onnx, got",
  );
});

test("a file that cannot be written says why", async () => {
  const out = at("0.png", "model.onnx");
  await expectRejection(exported({ out }), DataError, `${out}: the file must be writable, got`);
});

test("a checkpoint of another version, and plain weights without a name, are refused", async () => {
  const metadata = new Map([["sgdc.checkpoint", "3"]]);
  await writeFile(at("next.safetensors"), encodeSafetensors({ tensors: new Map(), metadata }));
  await expectRejection(
    exported({ out: at("n.onnx"), checkpoint: at("next.safetensors") }),
    DataError,
    `${at("next.safetensors")}: must be a checkpoint of sgdc, format 1 or 2, got format 3`,
  );
});

test("calibration wants four images that can be read, and int8", async () => {
  await expectRejection(
    exported({ out: at("c.onnx"), precision: "int8" }),
    ArgumentError,
    "calibrate (--calibrate) must be given with --precision int8, got nothing",
  );
  await expectRejection(
    exported({ out: at("c.onnx"), calibrate: root }),
    ArgumentError,
    "calibrate (--calibrate) must be left out with --precision float32, got a folder",
  );
  await expectRejection(
    exported({ out: at("c.onnx"), precision: "int8", calibrate: at("0.png") }),
    ArgumentError,
    "calibrate (--calibrate): must hold at least 4 images like those to be predicted, got 1; add some",
  );
  const empty = await mkdtemp(join(tmpdir(), "sgdc-empty-"));
  await expectRejection(
    exported({ out: at("c.onnx"), precision: "int8", calibrate: empty }),
    DataError,
    empty,
  );
  for (let i = 0; i < 4; i++) await writeFile(join(empty, `${i}.png`), "no picture");
  await expectRejection(
    exported({ out: at("c.onnx"), precision: "int8", calibrate: empty }),
    DataError,
    join(empty, "0.png"),
  );
  await rm(empty, { recursive: true });
});

test("predict refuses what is no model of export, and what a model has not", async () => {
  const { file } = await exported({ out: at("m.onnx") });
  const bytes = await readFile(file);
  const refused = async (content: Uint8Array | string, text: string): Promise<void> => {
    await writeFile(at("bad.onnx"), content);
    const run = predicted({ out: at("bad"), checkpoint: at("bad.onnx") });
    await expectRejection(run, DataError, `${at("bad.onnx")}: ${text}`);
  };
  await refused(
    bytes.subarray(0, bytes.length / 2),
    "must be a whole ONNX model, got a file that ends early; export it again",
  );
  await refused("hello", "must be a whole ONNX model, got no ONNX model; export it again");
  const other = {
    name: "x",
    opset: 17,
    nodes: [],
    inputs: [],
    outputs: [],
    initializers: new Map(),
  };
  await refused(
    encodeModel(other),
    "must be a model of sgdc export, format 1, got one of sgdc; take one written by sgdc export, or a checkpoint",
  );
  const later = { ...other, metadata: { "sgdc.export": "2" } };
  await refused(encodeModel(later), "must be a model of sgdc export, format 1, got format 2");
  const vague = { ...other, metadata: { "sgdc.export": "1", "sgdc.facts": "{}" } };
  await refused(
    encodeModel(vague),
    "the model's own description must be one that this version knows, got:",
  );
  await expectRejection(
    predicted({ out: at("bad"), checkpoint: file, tta: true }),
    ArgumentError,
    `${file}: predict must find the network alone in a model for flips (--tta), got one with processing inside`,
  );
  await expectRejection(
    predicted({ out: at("bad"), checkpoint: file, maps: ["edge"] }),
    ArgumentError,
    `${file}: maps and instances need a model with its maps, got one without; export it with --maps`,
  );
  await expectRejection(
    predicted({ out: at("bad"), checkpoint: file, precision: "float16" }),
    ArgumentError,
    `${file}: an exported model brings its own network and precision, got further ones`,
  );
});

test("int8 is for the CPU", async () => {
  await expectRejection(
    predicted({ out: at("gpu"), precision: "int8", calibrate: root, device: "webgpu" }),
    ArgumentError,
    "precision int8: device (--device) must be cpu, got webgpu",
  );
});

test("a fixed size is for models that resize", async () => {
  const made = await exported({ out: at("f.onnx"), imageSize: [50, 60], layout: "nchw" });
  expect(made.inputs[0]!.shape).toEqual([1, 3, 50, 60]);
  await expectRejection(
    exported({ out: at("g.onnx"), imageSize: [50, 60], processing: false }),
    ArgumentError,
    "imageSize (--image-size) must be left out where the model does not resize, got 50, 60; it takes 32 x 32",
  );
  await expectRejection(
    exported({ out: at("g.onnx"), imageSize: [50, 20000] }),
    ArgumentError,
    "imageSize.1 (--image-size) must be at most 16384, got 20000",
  );
});
