/** Reverse-mode differentiation of a graph. */
import { constant, withPath, type Value } from "../graph/value.ts";
import { accumulate } from "../ops/accumulate.ts";
import { sumTo } from "../ops/sum.ts";
import { ArgumentError, InternalError } from "../base/errors.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import { full } from "../tensor/tensor.ts";

/**
 * Gradients of a scalar with respect to values: d loss / d w for each w of `wrt`, in that order.
 *
 * Walks the graph backwards once; each operator contributes its own rule, sums over broadcast axes and accumulation are done
 * here. Parts that do not lead to `wrt` are not differentiated.
 *
 * @param loss  scalar, shape [] or [1]
 * @param wrt   values that `loss` may depend on
 * @returns     one value of the same shape for each, `null` where `loss` does not depend on it
 * @throws {ArgumentError} if `loss` has more than one element.
 */
export function backward(loss: Value, wrt: readonly Value[]): (Value | null)[] {
  if (!sameShape(loss.shape, []) && !sameShape(loss.shape, [1])) {
    throw new ArgumentError(`backward: loss must be one number, got ${showShape(loss.shape)}`);
  }
  const order = dependencies(loss);
  const active = leadingTo(order, wrt);
  const contributions = new Map<number, Value[]>([[loss.id, [constant(full(loss.shape, 1))]]]);
  const gradients = new Map<number, Value>();

  for (const value of order.reverse()) {
    const parts = contributions.get(value.id);
    if (!parts || !active.has(value.id)) continue;
    const dy = withPath(pathOf(value), () => accumulate(parts), true);
    gradients.set(value.id, dy);
    contributions.delete(value.id);
    if (value.source.kind !== "node") continue;
    const { op, inputs, attributes, path } = value.source.node;
    const results = withPath(
      path,
      () => {
        const needs = (i: number): boolean => active.has(inputs[i]!.id);
        const made = op.grad(inputs, dy, { output: value, attributes, needs });
        // What nobody needs is dropped before it costs a node.
        return made.map((g, i) => (g && needs(i) ? sumTo(g, inputs[i]!.shape) : null));
      },
      true,
    );
    results.forEach((gradient, i) => {
      const operand = inputs[i]!;
      if (!gradient) return;
      if (!sameShape(gradient.shape, operand.shape)) {
        throw new InternalError(
          `${op.name}: gradient of input ${i} must be ${showShape(operand.shape)}, got ${showShape(gradient.shape)}`,
        );
      }
      const known = contributions.get(operand.id);
      if (known) known.push(gradient);
      else contributions.set(operand.id, [gradient]);
    });
  }
  return wrt.map((w) => gradients.get(w.id) ?? null);
}

const pathOf = (value: Value): string =>
  value.source.kind === "node" ? value.source.node.path : "";

/** Everything `value` is made of, operands before results. */
function dependencies(value: Value): Value[] {
  const seen = new Map<number, Value>();
  const stack = [value];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v.id)) continue;
    seen.set(v.id, v);
    if (v.source.kind === "node") stack.push(...v.source.node.inputs);
  }
  return [...seen.values()].sort((a, b) => a.id - b.id);
}

/** Ids of values on a way from `wrt` to the end of `order`. */
function leadingTo(order: readonly Value[], wrt: readonly Value[]): Set<number> {
  const active = new Set(wrt.map((w) => w.id));
  for (const v of order) {
    if (v.source.kind === "node" && v.source.node.inputs.some((i) => active.has(i.id))) {
      active.add(v.id);
    }
  }
  return active;
}
