import { readdirSync, readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { graphOf } from "../graph/graph.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import { constant, input } from "../graph/value.ts";
import { add } from "../ops/add.ts";
import { relu } from "../ops/relu.ts";
import type { OnnxModel } from "../onnx/proto.ts";
import { DeviceError, ShapeError } from "../base/errors.ts";
import { full, int64, tensor } from "../tensor/tensor.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { engineVersion, nodeRuntime } from "./nodeRuntime.node.ts";

const example = toOnnx(graphOf("example", { y: add(input("a", [2]), relu(input("b", [2]))) }));
const threads = 1;

test("a session computes its outputs, and again with parameters changed in place", async () => {
  const session = await nodeRuntime.open(example, { threads });
  expect(session.device).toBe("cpu");
  const feeds = { a: tensor([2], [1, 2]), b: tensor([2], [-1, 5]) };
  const first = await session.run(feeds);
  expect(first.y).toEqual({ dtype: "float32", shape: [2], data: Float32Array.of(1, 7) });
  feeds.a.data[0] = 10;
  expect([...(await session.run(feeds)).y!.data]).toEqual([10, 7]);
  expect([...first.y!.data]).toEqual([1, 7]);
  await session.close();
});

test("int64 tensors go in and come out as such", async () => {
  const model: OnnxModel = {
    name: "dtypes",
    opset: 17,
    nodes: [{ opType: "Neg", inputs: ["count"], outputs: ["minus"] }],
    inputs: [{ name: "count", dtype: "int64", shape: [1] }],
    outputs: [{ name: "minus", dtype: "int64", shape: [1] }],
    initializers: new Map(),
  };
  const session = await nodeRuntime.open(model, { threads });
  expect(await session.run({ count: int64([1], [5]) })).toEqual({
    minus: { dtype: "int64", shape: [1], data: BigInt64Array.of(-5n) },
  });
  await session.close();
});

test("a graph without inputs runs", async () => {
  const session = await nodeRuntime.open(
    toOnnx(graphOf("constants", { y: relu(constant(tensor([2], [-1, 1]))) })),
    { threads },
  );
  expect([...(await session.run({})).y!.data]).toEqual([0, 1]);
  await session.close();
});

test("inputs that are missing or of another shape or dtype are refused", async () => {
  const session = await nodeRuntime.open(example, { threads });
  const a = tensor([2], [1, 2]);
  await expectRejection(
    session.run({ a }),
    ShapeError,
    "example: input b must be given, got nothing",
  );
  await expectRejection(
    session.run({ a, b: tensor([1, 2], [1, 2]) }),
    ShapeError,
    "example: input b must be float32 [2], got float32 [1, 2]",
  );
  await expectRejection(
    session.run({ a, b: int64([2], [1, 2]) }),
    ShapeError,
    "example: input b must be float32 [2], got int64 [2]",
  );
  // The session is still of use.
  expect([...(await session.run({ a, b: a })).y!.data]).toEqual([2, 4]);
  await session.close();
});

test("a device that this machine does not have is refused by name", async () => {
  const device = process.platform === "darwin" ? "dml" : "coreml";
  await expectRejection(
    nodeRuntime.open(example, { device, threads }),
    DeviceError,
    `example on ${device}: the session must open, got: `,
  );
});

test("a model that the engine does not understand is refused", async () => {
  const { nodes, ...rest } = example;
  const broken = {
    ...rest,
    nodes: [...nodes, { opType: "Nonsense", inputs: ["a"], outputs: ["z"] }],
  };
  await expectRejection(
    nodeRuntime.open(broken, { threads }),
    DeviceError,
    "example on cpu: the session must open, got: ",
  );
});

test("a run that fails inside the engine says so", async () => {
  const model: OnnxModel = {
    name: "reshaper",
    opset: 17,
    nodes: [{ opType: "Reshape", inputs: ["x", "shape"], outputs: ["y"] }],
    inputs: [
      { name: "x", dtype: "float32", shape: [6] },
      { name: "shape", dtype: "int64", shape: [1] },
    ],
    outputs: [{ name: "y", dtype: "float32", shape: [6] }],
    initializers: new Map(),
  };
  const session = await nodeRuntime.open(model, { threads });
  await expectRejection(
    session.run({ x: full([6], 1), shape: int64([1], [7]) }),
    DeviceError,
    "reshaper on cpu: the run must succeed, got: ",
  );
  await session.close();
});

test("results do not depend on the arena", async () => {
  const feeds = { a: tensor([2], [1, 2]), b: tensor([2], [-1, 5]) };
  const session = await nodeRuntime.open(example, { threads, arena: false });
  expect([...(await session.run(feeds)).y!.data]).toEqual([1, 7]);
  await session.close();
});

test("a profile with the time of every node is written when the session closes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    const session = await nodeRuntime.open(example, {
      threads,
      profilePrefix: join(folder, "step"),
    });
    await session.run({ a: tensor([2], [1, 2]), b: tensor([2], [-1, 5]) });
    await session.close();
    const [file] = readdirSync(folder);
    expect(file).toMatch(/^step_.*\.json$/);
    const events = JSON.parse(readFileSync(join(folder, file!), "utf8")) as { cat: string }[];
    expect(events.some((event) => event.cat === "Node")).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the engine tells its version", () => {
  expect(engineVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
