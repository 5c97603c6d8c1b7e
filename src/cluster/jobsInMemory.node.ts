/** How many trainings this computer has memory and cores for. */
import { availableParallelism, freemem } from "node:os";
import type { Engine } from "../network/engine.ts";
import { factsOf } from "../run/networkFacts.ts";
import type { RunConfig } from "../run/config.ts";

/** Of Node, the engine and decoded images, beside what the network takes. */
const baseBytes = 0.5 * 2 ** 30;

/** The jobs of `asked` that fit into `free` bytes of memory, at least one, if each trains the largest of `configs`. */
export async function jobsInMemory(
  asked: number,
  configs: readonly RunConfig[],
  engine: Engine,
  free = freemem(),
): Promise<number> {
  const each = [0];
  for (const config of configs) {
    const { batchSize, microBatch } = config.training;
    const { memory } = await engine.inspectNetwork(factsOf(config), microBatch || batchSize);
    each.push(memory.training);
  }
  return Math.max(1, Math.min(asked, Math.floor(free / (Math.max(...each) + baseBytes))));
}

/** Threads of each of several processes, where nothing else is asked for. */
export const threadsOfJob = (jobs: number): number =>
  Math.max(1, Math.floor(availableParallelism() / jobs));
