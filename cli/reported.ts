/** A failure whose details a command has already printed: the exit code is left, and a line on stderr. */
export class Reported extends Error {
  override readonly name = "Reported";
}
