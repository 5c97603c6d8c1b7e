/** Reads the message of an error. */
import { expect } from "vitest";

type ErrorClass = abstract new (...parameters: never[]) => Error;

/** Fails unless `action` throws a `kind` whose message begins with `text`. */
export function expectError(action: () => unknown, kind: ErrorClass, text: string): void {
  let caught: unknown;
  try {
    action();
  } catch (error) {
    caught = error;
  }
  check(caught, kind, text);
}

/** The same for a promise. */
export async function expectRejection(
  promise: Promise<unknown>,
  kind: ErrorClass,
  text: string,
): Promise<void> {
  const caught: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  check(caught, kind, text);
}

/** What the promise is rejected with; throws if it is not. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

function check(caught: unknown, kind: ErrorClass, text: string): void {
  expect(caught, `must throw: ${text}`).toBeInstanceOf(kind);
  const { message } = caught as Error;
  expect(message.slice(0, text.length)).toBe(text);
}
