/** The layers: operators with parameters. */
export * from "./conv.ts";
export * from "./dense.ts";
export * from "./init.ts";
export * from "./layers.ts";
export * from "./norm.ts";
export * from "./scope.ts";
