/** The engine of this Worker. */
import { webRuntime, type Runtime } from "../../src/web.ts";

/** Built, this file lies in assets/, and the engine in engine/ beside it. */
export const runtime: Runtime = webRuntime({
  engineFolder: new URL("../engine/", self.location.href).href,
});
