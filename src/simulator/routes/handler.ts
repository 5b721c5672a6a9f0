import type { Answer } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import type { Acting, Call } from '../call.js';
import type { Calls } from '../calls.js';
import type { DownloadLinks } from './download-links.js';

/** What a handler may use besides the call. */
export interface Desk {
  readonly box: BoxModel;
  readonly calls: Calls;
  readonly links: DownloadLinks;
}

/** Answers an authenticated call. */
export type Handler = (call: Call, acting: Acting, desk: Desk) => Answer | Promise<Answer>;

/** Whether a step has ended in an answer rather than in a value. */
export function isAnswer(value: object): value is Answer {
  return 'status' in value && typeof value.status === 'number';
}
