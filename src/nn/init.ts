/** Initial values of parameters. */
import { Random } from "../base/random.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";

export type Initializer =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "values"; readonly values: readonly number[] }
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "normal"; readonly deviation: number }
  /** x with softplus(x) = exp(u), u uniform between the logarithms of the bounds. */
  | { readonly kind: "step"; readonly least: number; readonly most: number };

export const zeros: Initializer = { kind: "constant", value: 0 };
export const ones: Initializer = { kind: "constant", value: 1 };

/** Uniform within +-1 / sqrt(fanIn): PyTorch's default for convolutions, weight and bias alike. */
export const torchDefault = (fanIn: number): Initializer => ({
  kind: "uniform",
  bound: 1 / Math.sqrt(fanIn),
});

/** Normal with deviation sqrt(2 / fanOut), fanOut = K kh kw / groups. @see He et al. 2015 */
export const kaimingFanOut = (fanOut: number): Initializer => ({
  kind: "normal",
  deviation: Math.sqrt(2 / fanOut),
});

/** Uniform within +-sqrt(6 / (fanIn + fanOut)). @see Glorot and Bengio 2010 */
export const xavierUniform = (fanIn: number, fanOut: number): Initializer => ({
  kind: "uniform",
  bound: Math.sqrt(6 / (fanIn + fanOut)),
});

/** Normal with this deviation. */
export const normal = (deviation: number): Initializer => ({ kind: "normal", deviation });

/**
 * Initial value of one parameter. Depends on seed and name alone, so that adding a layer changes no other parameter.
 */
export function initialValue(
  name: string,
  shape: Shape,
  init: Initializer,
  seed: number,
): Tensor<"float32"> {
  const data = new Float32Array(sizeOf(shape));
  const random = Random.of(seed, "init", name);
  switch (init.kind) {
    case "constant":
      data.fill(init.value);
      break;
    case "values":
      for (let i = 0; i < data.length; i++) data[i] = init.values[i % init.values.length]!;
      break;
    case "uniform":
      for (let i = 0; i < data.length; i++) data[i] = random.uniform(-init.bound, init.bound);
      break;
    case "step":
      for (let i = 0; i < data.length; i++) {
        const step = Math.exp(random.uniform(Math.log(init.least), Math.log(init.most)));
        data[i] = Math.log(Math.expm1(step));
      }
      break;
    case "normal":
      for (let i = 0; i < data.length; i++) data[i] = init.deviation * random.normal();
      break;
  }
  return tensor(shape, data);
}
