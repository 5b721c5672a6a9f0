import * as assert from 'uvu/assert';
import { codeIn, docTables } from '../support/documentation.js';
import { type MessageShape, messageShapes } from '../support/message-shapes.js';
import { suite } from '../support/suite.js';

const page = 'docs/troubleshooting.md';

/** Of these a user is not told what to do: they are faults of the program (`Unexpected error` in the page), or notes. */
const notListed = [
  'assert-never.ts',
  'budget.ts',
  'envelope.ts',
  'ledger.ts',
  'tally.ts',
  'bulk-window.ts',
  'core/flatten.ts',
  // A deleted document that was found.
  'state/run.ts',
];

/** What is fixed of a text of the page, between its `...`. */
function fixedParts(message: string): readonly string[] {
  return message
    .split(/\.\.\.(?!\.)/)
    .map((part) => part.trim())
    .filter((part) => /\w{2}/.test(part));
}

/** The parts stand in the text, in this order, and are enough of it to be no accident. */
function isOf(parts: readonly string[], { parts: pieces }: MessageShape): boolean {
  const text = pieces.join('\u0001');
  if (parts.join('').length < Math.min(20, text.length / 2)) return false;
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

suite('docs/troubleshooting.md', (test) => {
  const shapes = messageShapes();
  const listed = docTables(page).flatMap((table) =>
    table.slice(1).flatMap(([cell = '']) => codeIn(cell).map((message) => ({ message, parts: fixedParts(message) }))),
  );

  test('every message in it is one of the program', () => {
    assert.ok(listed.length > 100, `${listed.length} messages were found`);
    const unknown = listed.filter(({ parts }) => {
      const fixed = parts.join('').length;
      // Put together of two texts, such as what was asked and what Box said.
      return (
        fixed < 10 || !parts.every((part) => shapes.some((shape) => shape.parts.some((text) => text.includes(part))))
      );
    });
    assert.equal(
      unknown.map(({ message }) => `remove from ${page}: ${message}`),
      [],
    );
  });

  test('every message of the program is in it: what cannot be done, and what is logged as a warning or an error', () => {
    const wanted = shapes.filter(
      ({ parts, isLogged, place }) =>
        (isLogged || parts[0]?.startsWith('Cannot ') === true) &&
        parts.join('').replace('Cannot ', '').length >= 12 &&
        !notListed.some((name) => place.includes(name)),
    );
    assert.ok(wanted.length > 80, `${wanted.length} messages were found`);
    const missing = wanted.filter((shape) => !listed.some(({ parts }) => parts.length > 0 && isOf(parts, shape)));
    assert.equal(
      missing.map(({ place, parts }) => `add to ${page}: ${parts.join('...')} (${place})`),
      [],
    );
  });
});
