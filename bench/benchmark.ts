/** What a benchmark is, and what it gives. */
import type { SessionOptions } from "../src/runtime/session.ts";
import type { Ceiling } from "./ceiling.ts";
import type { Timing } from "./measure.ts";

/** How the benchmarks are run. */
export interface BenchOptions {
  /** Fewer repeats and smaller work, to see that everything runs; the figures then say little. */
  readonly quick: boolean;
  /** Threads of every session, the ceiling's included; 0: one a core. */
  readonly threads: number;
}

/** A group of cases that answer one question. */
export interface Benchmark {
  readonly name: string;
  /** The question, in one line. */
  readonly about: string;
  /** Whether it reports rates of arithmetic: the ceiling is then measured around each case. */
  readonly countsArithmetic: boolean;
  cases(options: BenchOptions): readonly BenchCase[];
}

/** One thing to measure; each runs in a process of its own, so that its peak memory is its own. */
export interface BenchCase {
  readonly name: string;
  run(options: BenchOptions): Promise<Measurement>;
}

/** One line of times. */
export interface Row {
  readonly name: string;
  readonly timing: Timing;
  /** Floating-point operations that one call is counted as. */
  readonly flop?: number;
  /** Bytes that one call must read and write. */
  readonly bytes?: number;
  /** Images that one call handles. */
  readonly images?: number;
  /** What is aimed at: a share of the ceiling, or seconds a call. */
  readonly target?: { readonly share: number } | { readonly seconds: number };
}

/** A single figure. */
export interface Fact {
  readonly name: string;
  readonly value: number;
  readonly unit: "s" | "bytes" | "" | "GMAC" | "%";
}

/** A breakdown. */
export interface Table {
  readonly title: string;
  /** Names of the columns; the first holds text. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [name: string, ...cells: number[]])[];
}

/** What a case gives. */
export interface Measurement {
  readonly rows: readonly Row[];
  readonly facts?: readonly Fact[];
  readonly tables?: readonly Table[];
  /** What the figures do not say by themselves. */
  readonly notes?: readonly string[];
}

/** A case with what was measured around it. */
export interface CaseReport extends Measurement {
  readonly benchmark: string;
  readonly case: string;
  /** Null if the benchmark counts no arithmetic. */
  readonly ceiling: Ceiling | null;
  readonly peakMemoryBytes: number;
}

/** Options of every session of a benchmark. */
export const sessionOptions = ({ threads }: BenchOptions): SessionOptions => ({ threads });
