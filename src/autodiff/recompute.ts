/** Less memory for gradients: what is cheap to compute is computed again where the backward half needs it, instead of kept until then. */
import { graphOf } from "../graph/graph.ts";
import { withOperands, type Value } from "../graph/value.ts";
import { sizeOf } from "../tensor/shape.ts";

/** Operators that pass over their operands once: no convolution, no product, no sum. */
const CHEAP: ReadonlySet<string> = new Set([
  ...["add", "sub", "mul", "div", "neg", "max", "sumOf", "exp", "sqrt"],
  ...["relu", "leakyRelu", "prelu", "sigmoid", "silu", "hardswish", "softplus", "gelu"],
  ...["batchNorm2d", "concat", "slice", "reshape", "expand", "padZeros"],
]);

/** Smaller values are not worth a node. */
const LARGE = 4096;

/**
 * The same outputs, bit for bit, from a graph whose backward half reads no cheap result of the forward half: it has nodes of its own
 * that make it again, from what is kept (convolutions, products, statistics) or made again itself.
 *
 * @param outputs  of a training step, see `backward`
 */
export function recompute(outputs: Readonly<Record<string, Value>>): Record<string, Value> {
  const copies = new Map<number, Value>();
  const moved = new Map<number, Value>();
  const isCheap = ({ shape, source }: Value): boolean =>
    source.kind === "node" && CHEAP.has(source.node.op.name) && sizeOf(shape) >= LARGE;

  /** A value of the forward half, as the backward half gets it. */
  const again = (value: Value): Value => {
    if (!isCheap(value) || value.source.kind !== "node") return value;
    const known = copies.get(value.id);
    if (known) return known;
    const copy = withOperands(value, value.source.node.inputs.map(again), true);
    copies.set(value.id, copy);
    return copy;
  };
  for (const { value, node } of graphOf("recompute", outputs).nodes) {
    if (!node.backward) continue;
    const inputs = node.inputs.map((operand) => moved.get(operand.id) ?? again(operand));
    moved.set(value.id, withOperands(value, inputs));
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, moved.get(value.id) ?? value]),
  );
}
