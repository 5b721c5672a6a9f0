import { messageOf } from '../core/message-of.js';

/** What a sink's own code has thrown, or what it was given, with the name of the sink: the run ends with it. */
export function sinkFault(sink: string, error: unknown): Error {
  return new Error(`The sink ${sink} failed: ${messageOf(error)}`, { cause: error });
}
