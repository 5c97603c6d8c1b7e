/** The selective scan and its adjoint as plain loops over typed arrays. */

export interface ScanSizes {
  /** Positions. */
  readonly l: number;
  /** Groups with rates of their own. */
  readonly g: number;
  /** Sequences of a group. */
  readonly m: number;
  /** States of a channel. */
  readonly n: number;
  /** Channels. */
  readonly d: number;
}

export type ScanArrays = Readonly<Record<"delta" | "v" | "a" | "b" | "c" | "dy", Float32Array>>;

/** y and all states, [L, G, M, N, D]. */
export function scanLoop({ l, g, m, n, d }: ScanSizes, arrays: ScanArrays) {
  const { delta, v, a, b, c } = arrays;
  const y = new Float64Array(l * g * m * d);
  const states = new Float32Array(l * g * m * n * d);
  const stride = g * m * n * d;
  for (let t = 0; t < l; t++) {
    for (let s = 0; s < g * m; s++) {
      const row = (t * g * m + s) * d;
      for (let i = 0; i < n; i++) {
        const rates = (Math.floor(s / m) * n + i) * d;
        const of = (t * g * m + s) * n + i;
        const [bt, ct] = [b[of]!, c[of]!];
        const at = of * d;
        for (let j = 0; j < d; j++) {
          const before = t > 0 ? states[at - stride + j]! : 0;
          const h = Math.exp(delta[row + j]! * a[rates + j]!) * before + bt * v[row + j]!;
          states[at + j] = h;
          y[row + j]! += ct * h;
        }
      }
    }
  }
  return { y, states };
}

/** Gradients of the sum of y dy. */
export function scanLoopBackward(
  { l, g, m, n, d }: ScanSizes,
  arrays: ScanArrays,
  states: Float32Array,
): Record<string, Float64Array> {
  const { delta, v, a, b, c, dy } = arrays;
  const made = {
    ddelta: new Float64Array(delta.length),
    dv: new Float64Array(v.length),
    da: new Float64Array(a.length),
    db: new Float64Array(b.length),
    dc: new Float64Array(c.length),
  };
  const stride = g * m * n * d;
  const carried = new Float64Array(stride);
  for (let t = l - 1; t >= 0; t--) {
    for (let s = 0; s < g * m; s++) {
      const row = (t * g * m + s) * d;
      for (let i = 0; i < n; i++) {
        const rates = (Math.floor(s / m) * n + i) * d;
        const of = (t * g * m + s) * n + i;
        const [bt, ct] = [b[of]!, c[of]!];
        const at = of * d;
        const inner = (s * n + i) * d;
        let [sumB, sumC] = [0, 0];
        for (let j = 0; j < d; j++) {
          const grad = carried[inner + j]! + ct * dy[row + j]!;
          const next = Math.exp(delta[row + j]! * a[rates + j]!) * grad;
          carried[inner + j] = next;
          const q = next * (t > 0 ? states[at - stride + j]! : 0);
          made.ddelta[row + j]! += q * a[rates + j]!;
          made.da[rates + j]! += q * delta[row + j]!;
          made.dv[row + j]! += bt * grad;
          sumB += grad * v[row + j]!;
          sumC += states[at + j]! * dy[row + j]!;
        }
        made.db[of] = sumB;
        made.dc[of] = sumC;
      }
    }
  }
  return made;
}
