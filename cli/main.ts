#!/usr/bin/env node
/** The command line, `sgdc`. */
import { runCli } from "./runCli.ts";

// A reader that has seen enough (`sgdc ... | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});
const code = await runCli(process.argv.slice(2), process);
// Wait for what is still to be written, not for threads that the engine may have left.
process.stdout.write("", () => {
  process.exit(code);
});
