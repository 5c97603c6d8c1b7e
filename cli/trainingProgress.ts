/** How a training shows itself: a bar an epoch and a line after it, or JSON lines. */
import {
  nearDuplicateLines,
  type EpochEvent,
  type NearDuplicates,
  type StepEvent,
} from "../src/node.ts";
import { formatDuration, jsonLine, type CommonFlags, type Output } from "./output.ts";

export interface TrainingProgress {
  onPhase(what: string): void;
  onNearDuplicates(found: NearDuplicates): void;
  onNotice(line: string): void;
  onStep(event: StepEvent): void;
  onEpoch(event: EpochEvent): void;
  stop(): void;
}

/**
 * Listeners for `train` that print by the flags.
 *
 * @param fold  which fold of a cross-validation it is at the moment, as `{ fold: 2, folds: 5 }`
 */
export function trainingProgress(
  flags: CommonFlags,
  output: Output,
  fold: () => { readonly fold: number; readonly folds: number } | undefined = () => undefined,
): TrainingProgress {
  // Each epoch has a line anyway.
  const bar = output.progress(flags, "[{bar}] {value}/{total} {text}", false);
  const line = (event: string, values: object): void => {
    if (flags.json) output.print(jsonLine(event, { ...fold(), ...values }));
  };
  const before = (): string => {
    const now = fold();
    return now ? `fold ${now.fold}/${now.folds}: ` : "";
  };
  return {
    onPhase(what) {
      bar.stop();
      line("phase", { what });
      output.tell(flags, before() + what);
    },
    onNearDuplicates(found) {
      bar.stop();
      line("nearDuplicates", found);
      for (const text of nearDuplicateLines(found)) output.tell(flags, text);
    },
    onNotice(what) {
      bar.stop();
      line("notice", { what });
      output.tell(flags, before() + what);
    },
    onStep(event) {
      line("step", event);
      bar.update(event.step, event.steps, before() + stepText(event));
    },
    onEpoch({ record, epochs, best }) {
      bar.stop();
      line("epoch", { ...record, epochs, best });
      output.tell(flags, before() + epochText(record, epochs, best));
    },
    stop() {
      bar.stop();
    },
  };
}

/** `epoch 3/30, loss 0.532 (seg1 0.2, edge 0.1), 12.3 images/s, 4 min left` */
function stepText({ epoch, epochs, terms, imagesPerSecond, secondsLeft }: StepEvent): string {
  const { total = NaN, ...others } = terms;
  const parts = Object.entries(others).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  const detail = parts.length > 0 ? ` (${parts.join(", ")})` : "";
  return `epoch ${epoch}/${epochs}, loss ${total.toFixed(3)}${detail}, ${imagesPerSecond.toFixed(1)} images/s, ${formatDuration(secondsLeft)} left`;
}

function epochText(record: EpochEvent["record"], epochs: number, best: boolean): string {
  const { epoch, train, validation, seconds, imagesPerSecond } = record;
  const scores = validation
    ? `, validation: ${Object.entries(validation)
        .map(([name, value]) => `${name} ${value.toFixed(4)}`)
        .join(", ")}`
    : "";
  const width = String(epochs).length;
  return `epoch ${String(epoch).padStart(width)}/${epochs}: loss ${(train["total"] ?? NaN).toFixed(4)}${scores}, ${formatDuration(seconds)}, ${imagesPerSecond.toFixed(1)} images/s${best ? ", best so far" : ""}`;
}
