/** What an optimizer's update rule is, and the arrays it works on. */
import { ArgumentError } from "../base/errors.ts";

/** Arrays by parameter name. */
export type NamedArrays = ReadonlyMap<string, Float32Array>;

/** One update rule: which state it keeps for each parameter, and one step of one parameter. */
export interface UpdateRule {
  /** Names of the state arrays, each as long as its parameter and zero at first. */
  readonly slots: readonly string[];
  /**
   * Updates `values` and `state` in place.
   *
   * @param state  one array a slot, in the order of `slots`
   * @param step   counts from 1
   */
  update(
    values: Float32Array,
    gradient: Float32Array,
    state: readonly Float32Array[],
    learningRate: number,
    step: number,
  ): void;
}

/**
 * @param what  what is compared, for the message
 * @throws {ArgumentError} unless both have the same names and lengths, naming the first that differs.
 */
export function checkSame(given: NamedArrays, expected: NamedArrays, what: string): void {
  for (const [name, { length }] of expected) {
    const got = given.get(name)?.length;
    if (got !== length) {
      throw new ArgumentError(
        `${what}: "${name}" must have ${length} values, got ${got ?? "no such array"}`,
      );
    }
  }
  for (const name of given.keys()) {
    if (!expected.has(name)) {
      throw new ArgumentError(`${what}: every name must be a known one, got "${name}"`);
    }
  }
}
