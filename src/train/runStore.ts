/** Where a run keeps what must outlive it: the state to go on from, the best weights, the history. */
import type { NamedTensors } from "../tensor/tensor.ts";
import type { EpochRecord, Progress } from "./progress.ts";

/** A state of a run: how far it has come, and its arrays by the names of `stateTensors`. */
export interface Snapshot {
  readonly progress: Progress;
  readonly tensors: NamedTensors;
}

/**
 * Keeps a run, in a folder, in a browser's storage or in memory. Each of its writes replaces what was
 * kept before as a whole or not at all. The tensors share memory with the network: what is not written at
 * once must be copied.
 */
export interface RunStore {
  /** Keeps everything that is needed to go on. */
  saveLast(state: Snapshot): Promise<void>;
  /** Keeps the weights of the best epoch. */
  saveBest(weights: Snapshot): Promise<void>;
  /** Keeps the finished epochs, all of them each time. */
  saveHistory(history: readonly EpochRecord[]): Promise<void>;
  /** Where the last state is kept, for messages; undefined as long as there is none. */
  lastPlace(): Promise<string | undefined>;
}

/** A store in memory. */
export interface MemoryStore extends RunStore {
  readonly last: Snapshot | undefined;
  readonly best: Snapshot | undefined;
  readonly history: readonly EpochRecord[];
}

export function memoryStore(): MemoryStore {
  const kept: {
    last: Snapshot | undefined;
    best: Snapshot | undefined;
    history: readonly EpochRecord[];
  } = { last: undefined, best: undefined, history: [] };
  const copyOf = ({ progress, tensors }: Snapshot): Snapshot => ({
    progress: structuredClone(progress),
    tensors: new Map([...tensors].map(([name, t]) => [name, { ...t, data: t.data.slice() }])),
  });
  return {
    get last() {
      return kept.last;
    },
    get best() {
      return kept.best;
    },
    get history() {
      return kept.history;
    },
    saveLast(state) {
      kept.last = copyOf(state);
      return Promise.resolve();
    },
    saveBest(weights) {
      kept.best = copyOf(weights);
      return Promise.resolve();
    },
    saveHistory(history) {
      kept.history = structuredClone([...history]);
      return Promise.resolve();
    },
    lastPlace: () => Promise.resolve(kept.last && "in memory"),
  };
}
