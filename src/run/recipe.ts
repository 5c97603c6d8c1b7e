/** From the configuration's flat options to those of optimizer and schedule. */
import type { OptimizerOptions } from "../optim/optimizer.ts";
import type { ScheduleOptions } from "../optim/schedule.ts";
import type { RunConfig } from "./config.ts";

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
