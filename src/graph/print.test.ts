import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { add } from "../ops/add.ts";
import { conv2d } from "../ops/conv2d.ts";
import { relu } from "../ops/relu.ts";
import { scalar } from "../ops/scalar.ts";
import { sum } from "../ops/sum.ts";
import { full } from "../tensor/tensor.ts";
import { graphOf } from "./graph.ts";
import { printGraph } from "./print.ts";
import { constant, input, withPath } from "./value.ts";

test("a graph prints one line a node, with attributes, type and place", () => {
  const x = input("image", [1, 3, 8, 8]);
  const w = constant(full([8, 3, 3, 3], 0.1));
  const h = withPath("resnet.conv1", () => conv2d(x, w, null, { stride: 2, padding: 1 }));
  const y = relu(h);
  const z = add(y, scalar(1));
  expect(printGraph(graphOf("example", { y, z, image: x }))).toBe(
    [
      "graph example",
      "  in   image  float32 [1, 3, 8, 8]",
      `  %${h.id} = conv2d(image, const[8, 3, 3, 3]) {"stride":2,"padding":1,"dilation":1,"groups":1}  float32 [1, 8, 4, 4]   # resnet.conv1`,
      `  %${y.id} = relu(%${h.id})  float32 [1, 8, 4, 4]`,
      `  %${z.id} = add(%${y.id}, const[])  float32 [1, 8, 4, 4]`,
      `  out  y = %${y.id}`,
      `  out  z = %${z.id}`,
      "  out  image = image",
    ].join("\n"),
  );
});

test("nodes of gradients are marked", () => {
  const x = input("x", [2]);
  const loss = sum(withPath("gate", () => relu(x)));
  const [dx] = backward(loss, [x]);
  const lines = printGraph(graphOf("gradient", { dx: dx! })).split("\n");
  expect(lines.find((line) => line.includes("reluGrad"))).toMatch(/ {3}# gate \(backward\)$/);
});
