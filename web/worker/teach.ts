/** Teaching: the fit loop of the library over corrected images, in this Worker. */
import {
  checkpointContents,
  chosenNetwork,
  createNetworkModel,
  createPredictor,
  DataError,
  dice,
  encodeSafetensors,
  factsOf,
  fit,
  fitSettings,
  inferenceWeights,
  memoryLoader,
  memoryStore,
  predictMaps,
  classesOf,
  trainingSetup,
  type Checkpoint,
  type FitSettings,
  type NamedSample,
  type NamedTensors,
  type NetworkFacts,
  type TrainingModel,
} from "../../src/web.ts";
import type { Requests } from "../shared/messages.ts";
import type { Taught, TeachingMoment, TeachingPlan } from "../shared/picture.ts";
import { asNetworkSees, readCheckpoint } from "./model.ts";
import { runtime } from "./runtime.ts";
import { batchSizeOf, epochsFor, splitLessons } from "./teachingPlan.ts";

interface Prepared {
  readonly checkpoint: Checkpoint;
  readonly facts: NetworkFacts;
  readonly model: TrainingModel;
  readonly settings: FitSettings;
  readonly lessons: readonly NamedSample[];
  readonly heldBack: NamedSample | undefined;
  readonly plan: TeachingPlan;
}

let prepared: Prepared | undefined;
let stop = new AbortController();

/** A small rate for all weights: what a few corrected images were found to teach best (docs/how-to/page.md). */
const learningRate = 3e-4;

const loaderOf = (
  { facts, settings }: Pick<Prepared, "facts" | "settings">,
  samples: readonly NamedSample[],
  training: boolean,
) => {
  const { size, fit: seen, zoom } = facts.input;
  return memoryLoader(samples, {
    ...{ height: size, width: size, fit: seen, zoom, seed: settings.seed },
    batchSize: training ? batchSizeOf(samples.length) : 1,
    shuffle: training,
    target: { classes: facts.labels.classes, boundary: facts.labels.instances },
    ...(training && { augment: {} }),
  });
};

/** Opens the network with the checkpoint's weights and times its steps; the weights stay as they were. */
export async function prepareTeaching({
  name,
  bytes,
  lessons: given,
  steps: wanted,
}: Requests["prepareTeaching"]["ask"]): Promise<TeachingPlan> {
  if (given.length === 0) {
    throw new DataError("teaching: there must be a corrected image, got none; correct one first");
  }
  const checkpoint = readCheckpoint(name, bytes);
  const facts = factsOf(checkpoint.config);
  const { size, values } = facts.input;
  const samples = given.map((lesson): NamedSample => {
    const { width, height, data } = lesson.truth;
    return {
      name: lesson.name,
      image: asNetworkSees(lesson.name, lesson.picture, values),
      labels: { width, height, classes: data },
    };
  });
  const { lessons, heldBack } = splitLessons(samples);
  const { loss, seed } = trainingSetup(checkpoint.config);
  const model = createNetworkModel(runtime, {
    network: chosenNetwork(facts),
    ...{ size: [size, size], loss, seed },
    start: inferenceWeights(checkpoint.tensors),
    session: { threads: 1 },
  });
  const epochs = epochsFor(wanted, lessons.length);
  const settings: FitSettings = {
    ...fitSettings(checkpoint.config),
    ...{ epochs, learningRate, microBatch: 0, clipNorm: 1, ema: 0, patience: 0 },
    optimizer: { name: "adamW" },
    schedule: { name: "constant" },
  };
  const loader = loaderOf({ facts, settings }, lessons, true);
  const secondsPerStep = await timeSteps(model, loader.epoch(0), settings.seed);
  const steps = epochs * loader.batchesPerEpoch;
  const plan: TeachingPlan = {
    ...{ steps, epochs, secondsPerStep, seconds: steps * secondsPerStep },
    ...(heldBack && { heldBack: heldBack.name }),
  };
  prepared = { checkpoint, facts, model, settings, lessons, heldBack, plan };
  return plan;
}

/** Seconds of a step, the session built; running statistics are put back. */
async function timeSteps(
  model: TrainingModel,
  batches: ReturnType<ReturnType<typeof memoryLoader>["epoch"]>,
  seed: number,
): Promise<number> {
  const buffers = new Map([...model.buffers].map(([name, data]) => [name, data.slice()]));
  let seconds = Infinity;
  for await (const { images, masks, names } of batches) {
    // The first step builds the session; of the two after it the shorter one counts.
    for (let i = 0; i < 3; i++) {
      const began = performance.now();
      await model.step(images, masks, names.length, seed);
      if (i > 0) seconds = Math.min(seconds, (performance.now() - began) / 1000);
    }
    break;
  }
  for (const [name, data] of buffers) model.buffers.get(name)?.set(data);
  return seconds;
}

/** Trains as prepared. Stopped early, it gives the best so far. */
export async function teach(onMoment: (moment: TeachingMoment) => void): Promise<Taught> {
  if (!prepared) throw new DataError("teaching: must be prepared first, got nothing prepared");
  const { checkpoint, facts, model, settings, lessons, heldBack, plan } = prepared;
  stop = new AbortController();
  const before = inferenceWeights(checkpoint.tensors);
  const store = memoryStore();
  let heldBackDice: number | undefined;
  const result = await fit({
    ...{ settings, model, store, signal: stop.signal },
    training: loaderOf(prepared, lessons, true),
    ...(heldBack && { validation: loaderOf(prepared, [heldBack], false) }),
    events: {
      onStep({ epoch, step, steps, terms, secondsLeft }) {
        const done = (epoch - 1) * steps + step;
        const loss = terms["total"] ?? NaN;
        const held = heldBackDice === undefined ? {} : { heldBackDice };
        onMoment({ step: done, steps: plan.steps, loss, secondsLeft, ...held });
      },
      onEpoch({ record }) {
        heldBackDice = record.validation?.["dice"];
      },
    },
  });
  await model.dispose();
  prepared = undefined;
  // Without an image held back the loss of an epoch says less than its length: the last state is taken.
  const kept = (heldBack ? store.best : undefined) ?? store.last;
  if (!kept) throw new DataError("teaching: at least one step must be done, got none");
  const after = inferenceWeights(kept.tensors);
  const asked = heldBack ? [heldBack] : lessons;
  const was = await measure(facts, before, asked);
  const is = await measure(facts, after, asked);
  const all = heldBack ? await measure(facts, after, lessons) : is;
  const { config, origin } = checkpoint;
  const bytes = encodeSafetensors(
    checkpointContents({
      config: { ...config, training: { ...config.training, learningRate } },
      ...(origin && { origin }),
      progress: kept.progress,
      tensors: after,
    }),
  );
  return {
    bytes: new Uint8Array(bytes),
    finished: result.status === "finished",
    diceBefore: mean(was.map((one) => one.dice)),
    diceAfter: mean(is.map((one) => one.dice)),
    ...(heldBack && { heldBack: heldBack.name }),
    findsNothing: all.filter(({ found, there }) => there && !found).map(({ name }) => name),
  };
}

export function stopTeaching(): null {
  stop.abort();
  return null;
}

interface Measured {
  readonly name: string;
  readonly dice: number;
  readonly found: boolean;
  readonly there: boolean;
}

/** How well these weights do on images at their own size. */
async function measure(
  facts: NetworkFacts,
  weights: NamedTensors,
  samples: readonly NamedSample[],
): Promise<Measured[]> {
  const { size, fit: seen, zoom } = facts.input;
  const predictor = await createPredictor(runtime, {
    ...{ network: chosenNetwork(facts), weights, size, maps: false },
    session: { threads: 1 },
  });
  const measured: Measured[] = [];
  try {
    for (const { name, image, labels } of samples) {
      const { channels } = await predictMaps(predictor, image, { fit: seen, zoom });
      const found = binary(classesOf(channels));
      const truth = binary(labels);
      measured.push({
        name,
        dice: dice(found, truth),
        found: found.data.includes(1),
        there: truth.data.includes(1),
      });
    }
  } finally {
    await predictor.dispose();
  }
  return measured;
}

const binary = (labels: { width: number; height: number; classes: Uint8Array }) => ({
  width: labels.width,
  height: labels.height,
  data: labels.classes.map((value) => (value > 0 ? 1 : 0)),
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
