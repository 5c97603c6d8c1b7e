/** The loader's worker thread: makes batches and hands their buffers over without a copy. */
import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { SgdcError } from "../../base/errors.ts";
import type { Batch } from "./batch.ts";
import { loadBatch, type LoadContext, type LoadTask } from "./loadBatch.node.ts";

/** A batch, or the message of an error of the input: error classes do not survive the way home. */
export type LoadAnswer = { readonly batch: Batch } | { readonly error: string };

const context = workerData as LoadContext;

/** What piscina calls for every task; the result reaches the caller as a `LoadAnswer`. */
export default async function work(task: LoadTask): Promise<unknown> {
  try {
    const batch = await loadBatch(context, task);
    return move({
      [transferableSymbol]: [batch.images.buffer, batch.masks.buffer],
      [valueSymbol]: { batch } satisfies LoadAnswer,
    });
  } catch (error) {
    if (error instanceof SgdcError) return { error: error.message } satisfies LoadAnswer;
    throw error;
  }
}
