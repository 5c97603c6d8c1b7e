/** From the configuration's flat options to those of the fit loop, its optimizer and its schedule. */
import { channelsOf } from "../network/facts.ts";
import type { OptimizerOptions } from "../optim/optimizer.ts";
import type { ScheduleOptions } from "../optim/schedule.ts";
import type { FitSettings } from "../train/fit.ts";
import type { RunConfig } from "./config.ts";

/** What a configuration says to the fit loop. */
export function fitSettings({ data, training, runtime }: RunConfig): FitSettings {
  const { epochs, learningRate, seed, microBatch, clipNorm, clipValue, ema, patience } = training;
  return {
    ...{ epochs, learningRate, seed, microBatch, clipNorm, clipValue, ema, patience },
    optimizer: optimizerOptions(training),
    schedule: scheduleOptions(training),
    size: data.size,
    channels: channelsOf(data.classes ?? 1),
    checkpointSeconds: runtime.checkpointMinutes * 60,
  };
}

type Training = RunConfig["training"];

export function optimizerOptions(training: Training): OptimizerOptions {
  const { optimizer, weightDecay, beta1, beta2, epsilon, momentum, nesterov } = training;
  if (optimizer === "momentumSgd") return { name: optimizer, momentum, nesterov, weightDecay };
  return { name: optimizer, beta1, beta2, epsilon, weightDecay };
}

export function scheduleOptions(training: Training): ScheduleOptions {
  const { schedule, scheduleUnit, schedulePower, scheduleFloor } = training;
  const { dropEvery, dropFactor, warmup, epochs } = training;
  return {
    name: schedule,
    unit: scheduleUnit,
    power: schedulePower,
    floor: scheduleFloor,
    every: dropEvery,
    gamma: dropFactor,
    warmupEpochs: warmup * epochs,
  };
}
