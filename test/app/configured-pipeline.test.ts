import * as assert from 'uvu/assert';
import { configuredPipeline } from '../../src/app/configured-pipeline.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';

suite('configuredPipeline', (test) => {
  test("Elastic's, unless told otherwise, with its three flags", () => {
    const found = configuredPipeline(loadTestConfig().config);
    assert.is(found?.name, 'search-default-ingestion');
    assert.equal(JSON.parse(`{${found?.flags.replace(/^,|,$/g, '') ?? ''}}`), {
      _extract_binary_content: true,
      _reduce_whitespace: true,
      _run_ml_inference: true,
    });
  });

  test('flags are as configured', () => {
    const { config } = loadTestConfig({ pipeline: { name: 'own', run_ml_inference: false } });
    const found = configuredPipeline(config);
    assert.is(found?.name, 'own');
    assert.match(found?.flags ?? '', /"_run_ml_inference":false/);
  });

  test('_none is none', () => {
    assert.is(configuredPipeline(loadTestConfig({ pipeline: { name: '_none' } }).config), null);
  });
});
