import * as assert from 'uvu/assert';
import { downloadAddress } from '../../src/box/download-address.js';
import { suite } from '../support/suite.js';

suite('downloadAddress()', (test) => {
  test('absolute addresses and paths can be asked', () => {
    assert.is(downloadAddress('https://dl.boxcloud.com/d/1/x?a=b%2F'), 'https://dl.boxcloud.com/d/1/x?a=b%2F');
    assert.is(downloadAddress('/d/1/x'), '/d/1/x');
    assert.is(downloadAddress('//dl.boxcloud.com/x'), 'https://dl.boxcloud.com/x');
  });

  test('what nobody could ask is none', () => {
    for (const location of ['', 'd/1/x', 'http://[', 'ftp://host/x', 'https://ann:pw@host/x', '//', 'javascript:x']) {
      assert.is(downloadAddress(location), undefined, location);
    }
  });
});
