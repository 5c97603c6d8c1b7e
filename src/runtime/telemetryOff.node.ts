/**
 * Turns off the engine's usage reports: official builds of ONNX Runtime send events to Microsoft by default. Nothing of this project
 * may leave the machine unasked. Must be imported before the engine; whoever wants the reports sets the variable to 0.
 */
process.env.ORT_DISABLE_TELEMETRY ??= "1";
