/** Operators of ONNX Runtime's own in terms of the standard's, for other runtimes. */
import { InternalError } from "../base/errors.ts";
import type { OnnxModel, OnnxNode } from "../onnx/proto.ts";
import { tensor } from "../tensor/tensor.ts";

/**
 * The same model with operators of the ONNX standard alone: gelu(x) = x / 2 (1 + erf(x / sqrt 2)), in the form that ONNX Runtime turns
 * back into its own.
 *
 * @throws {InternalError} if it has another operator outside the standard.
 */
export function standardOperators(model: OnnxModel): OnnxModel {
  const initializers = new Map(model.initializers);
  const scalar = (name: string, value: number): string => {
    initializers.set(name, tensor([], [value]));
    return name;
  };
  const nodes = model.nodes.flatMap((node): OnnxNode[] => {
    const { opType, domain = "", inputs, outputs, name = "" } = node;
    if (domain === "") return [node];
    const [x] = inputs;
    const [y] = outputs;
    if (opType !== "Gelu" || x === undefined || y === undefined) {
      throw new InternalError(`export: operators must be of the standard, got ${domain}.${opType}`);
    }
    const step = (kind: string, operands: string[], output: string): OnnxNode => ({
      ...{ opType: kind, inputs: operands, outputs: [output] },
      name: `${name}/${kind}_${output}`,
    });
    return [
      step("Div", [x, scalar("gelu_sqrt2", Math.SQRT2)], `${y}_scaled`),
      step("Erf", [`${y}_scaled`], `${y}_erf`),
      step("Add", [`${y}_erf`, scalar("gelu_one", 1)], `${y}_raised`),
      step("Mul", [x, `${y}_raised`], `${y}_twice`),
      step("Mul", [`${y}_twice`, scalar("gelu_half", 0.5)], y),
    ];
  });
  return { ...model, nodes, initializers };
}
