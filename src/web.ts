/** Public interface in a browser: all of `index.ts`, and the engine. */
export * from "./index.ts";
export { engineVersion, webRuntime, type WebRuntimeOptions } from "./runtime/webRuntime.web.ts";
