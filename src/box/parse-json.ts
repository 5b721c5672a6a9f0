import { answerTooLarge } from './answer-too-large.js';
import { measureJson } from './measure-json.js';

/**
 * Parses the JSON of an answer. `SyntaxError` if it is none, or nested deeper than anything that Box sends; a
 * `PermanentError` (`isAnswerTooLarge`) if it holds more values than a page has. `what` begins its message.
 */
export function parseJson(text: string, what: string): unknown {
  const measure = measureJson(text);
  if (measure === 'deep') throw new SyntaxError('nested too deep');
  if (measure === 'many') throw answerTooLarge(what, '500,000 values', 'a page of JSON');
  return JSON.parse(text);
}
