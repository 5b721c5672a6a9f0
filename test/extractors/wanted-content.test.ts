import * as assert from 'uvu/assert';
import { contentGate } from '../../src/extractors/content-gate.js';
import { noText } from '../../src/extractors/no-text.js';
import { wantedContent } from '../../src/extractors/wanted-content.js';
import { boxFile } from '../support/found.js';
import { suite } from '../support/suite.js';

suite('wantedContent', (test) => {
  const gate = contentGate({ enabled: true, maxBytes: 100 });
  const item = boxFile();

  test('the version of the file and the settings', () => {
    const wanted = wantedContent(gate, noText);
    const first = wanted({ item }) ?? '';
    assert.match(first, /^9001~/);
    assert.is(wanted({ item: boxFile({ name: 'renamed.txt' }) }), first);
    assert.is.not(wanted({ item: boxFile({ file_version: { type: 'file_version', id: '9002', sha1: null } }) }), first);
    assert.is.not(wantedContent(gate, { ...noText, fingerprint: 'other' })({ item }), first);
    assert.is.not(wantedContent(contentGate({ enabled: true, maxBytes: 99 }), noText)({ item }), first);
  });

  test('nothing for what does not pass the gate', () => {
    assert.is(wantedContent(gate, noText)({ item: boxFile({ size: 101 }) }), null);
    assert.is(wantedContent(contentGate({ enabled: false }), noText)({ item }), null);
  });
});
