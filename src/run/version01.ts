/** Configurations of version 0.1, which knew one network. */

/**
 * Options as version 0.1 wrote them (config.json, checkpoints), in today's form: `model` becomes the options of SGD-Net and
 * `data.classes`; the preset names the size, then and now. Other options pass as they are.
 */
export function fromVersion01(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { model, ...rest } = given;
  if (!isTable(model) || "network" in given) return { ...given };
  const { classes, ...options } = model;
  const data = isTable(rest["data"]) ? rest["data"] : {};
  return {
    ...rest,
    network: { name: "sgd-net", options },
    ...(classes !== undefined && { data: { ...data, classes } }),
  };
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
