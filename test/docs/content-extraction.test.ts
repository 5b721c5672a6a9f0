import * as assert from 'uvu/assert';
import { leaves } from '../../src/config/leaves.js';
import { defaultExtensions } from '../../src/extractors/content-gate.js';
import { codeIn, docTable, readDocPage } from '../support/documentation.js';
import { suite } from '../support/suite.js';

const page = 'docs/content-extraction.md';

suite(page, (test) => {
  test('names the extensions', () => {
    const [, list = ''] = /is one of these:\n([\s\S]*?)\. /.exec(readDocPage(page)) ?? [];
    assert.equal([...codeIn(list)].sort(), [...defaultExtensions].sort());
  });

  test('names the methods', () => {
    const methods = docTable(page, '`extraction.method`').map(([cell = '']) => codeIn(cell)[0] ?? '');
    const format = leaves.get('extraction.method')?.format;
    for (const method of methods) assert.is(format?.parse(method).kind, 'value', method);
    assert.is(methods.length, codeIn(format?.expected ?? '').length);
  });
});
