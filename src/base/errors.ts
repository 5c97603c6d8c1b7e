/**
 * The error classes of the project, each with a stable `code`.
 *
 * Message form: `where: what must hold, got what; what to do`, lower case, no full stop.
 */

/** Base of all errors that a user can cause; `code` is stable across versions, the text is not. */
export abstract class SgdcError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Shapes or dtypes that do not fit an operator. */
export class ShapeError extends SgdcError {
  readonly code = "SGDC_SHAPE";
}

/** An option, argument or flag with an unusable value. */
export class ArgumentError extends SgdcError {
  readonly code = "SGDC_ARGUMENT";
}

/**
 * What is wrong with data, where a caller goes on by it. `maskValues`: a file that is read as a mask holds
 * other values, as a label map does.
 */
export type DataFault = "maskValues";

/** A file or folder that is missing, damaged or of the wrong kind. */
export class DataError extends SgdcError {
  readonly code = "SGDC_DATA";
  readonly fault: DataFault | undefined;
  constructor(message: string, options?: ErrorOptions & { readonly fault?: DataFault }) {
    super(message, options);
    this.fault = options?.fault;
  }
}

/** A number that is not finite where it must be. */
export class NumericError extends SgdcError {
  readonly code = "SGDC_NUMERIC";
}

/** A device that is not there or refuses to work. */
export class DeviceError extends SgdcError {
  readonly code = "SGDC_DEVICE";
}

/** A fault of this library, never of its input. */
export class InternalError extends SgdcError {
  readonly code = "SGDC_INTERNAL";
}
