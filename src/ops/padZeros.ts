/** Zeros before and after, along one axis. */
import { apply, defineOp, type GraphNode, type Value } from "../graph/value.ts";
import { slice } from "./slice.ts";

/**
 * Puts `before` zeros in front of `x` along `axis` and `after` zeros behind it.
 *
 * @see https://onnx.ai/onnx/operators/onnx__Pad.html
 */
export const padZeros = (x: Value, axis: number, before: number, after: number): Value =>
  before || after ? apply(padZerosOp, [x], { axis, before, after }) : x;

export interface Padding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

const padZerosOp = defineOp<[x: Value], Padding>({
  name: "padZeros",
  infer: ([x], { axis, before, after }) => ({
    dtype: x.dtype,
    shape: x.shape.map((d, i) => (i === axis ? before + d + after : d)),
  }),
  emit(e, [x], { axis, before, after }, { output }) {
    const pads = new Array<number>(2 * output.shape.length).fill(0);
    pads[axis] = before;
    pads[output.shape.length + axis] = after;
    return e.op("Pad", [x, e.ints(pads)]);
  },
  grad: ([x], dy, { attributes: { axis, before } }) => [
    slice(dy, axis, before, before + x.shape[axis]!),
  ],
});

/** The operand and padding of a value made by `padZeros`, else null. */
export function asPadded(value: Value): { inner: Value; padding: Padding } | null {
  if (value.source.kind !== "node") return null;
  const node: GraphNode = value.source.node;
  return node.op === padZerosOp
    ? { inner: node.inputs[0]!, padding: node.attributes as Padding }
    : null;
}
