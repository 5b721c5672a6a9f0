import * as assert from 'uvu/assert';
import { extraction } from '../../src/app/extraction.js';
import { NoTries } from '../support/no-tries.js';
import { boxFile, found } from '../support/found.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

const deps = () => ({ clock: new VirtualClock(), random: () => 0, tries: new NoTries() });
const file = found(boxFile());

function wanted(sections: object, of = file): string | null {
  return extraction(deps(), loadTestConfig(sections).config).wantedContent(of);
}

suite('extraction', (test) => {
  test('content of a file version is wanted, and of no other item', () => {
    assert.match(wanted({}) ?? '', /^9001~./);
    assert.is(wanted({}, found(boxFile({ extension: 'exe', name: 'setup.exe' }))), null);
    assert.is(wanted({}, found(boxFile({ size: 0 }))), null);
  });

  test('without a version, the hash says which content it is', () => {
    assert.match(wanted({}, found(boxFile({ file_version: null }))) ?? '', /^da39a3ee/);
  });

  for (const [what, sections] of [
    ['the method none', { extraction: { method: 'none' } }],
    ['a pipeline that takes no content', { pipeline: { extract_binary_content: false } }],
  ] as const) {
    test(`${what} wants none`, () => assert.is(wanted(sections), null));
  }

  test('each setting that changes the text changes what is wanted', () => {
    const all = [
      {},
      { pipeline: { name: 'other' } },
      { pipeline: { reduce_whitespace: false } },
      { extraction: { method: 'tika' } },
      { extraction: { method: 'extraction_service' }, extraction_service: { host: 'http://127.0.0.1:8090' } },
      { service: { max_file_download_size: 5_000 } },
    ].map((sections) => wanted(sections));
    assert.is(new Set(all).size, all.length);
  });

  test('the service without its address is a fault of the configuration, which names the key', () => {
    const { config } = loadTestConfig();
    assert.throws(
      () =>
        extraction(deps(), {
          ...config,
          extraction: { ...config.extraction, method: 'extraction_service' },
          extraction_service: { ...config.extraction_service, host: null },
        }),
      /extraction_service\.host/,
    );
  });
});
