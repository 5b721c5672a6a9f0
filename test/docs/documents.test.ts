import * as assert from 'uvu/assert';
import { runCommandLine } from '../../src/app/command-line.js';
import { type FieldMapping, indexMappings } from '../../src/sinks/index-mappings.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { codeIn, docBlocks, docTable } from '../support/documentation.js';
import { fakeSurroundings } from '../support/fake-surroundings.js';
import { noService } from '../support/no-service.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

const page = 'docs/documents.md';

/** As the page says it. */
function mappedAs(name: string, { type, fields = {}, properties, enabled }: FieldMapping): string {
  if (enabled === false) return 'object, not searchable';
  if (properties !== undefined) return 'object';
  return [type, ...Object.keys(fields).map((field) => `${name}.${field}`)].join(' ');
}

suite(page, (test) => {
  test('has every field of the mapping, as it is mapped', () => {
    const documented = docTable(page, 'field', 'mapped as').map(([field = '', how = '']) => [
      codeIn(field)[0],
      how.replace(/, and `([^`]+)`/, ' $1').replace(/, a list$|: .*$/, ''),
    ]);
    const mapped = Object.entries(indexMappings)
      .filter(([name]) => name !== '_attachment')
      .map(([name, mapping]) => [name, mappedAs(name, mapping)]);
    assert.equal(documented, mapped);
  });

  test('shows a document as the demo makes it', () =>
    inTemporaryFolder(async (folder) => {
      const simulator = await startSimulator({ tree: 'demo' });
      try {
        const { clientId, clientSecret, enterpriseId } = simulator.credentials;
        const around = fakeSurroundings({
          env: {
            ...{ SINK: 'bulk_file', EXTRACTION_METHOD: 'none', PIPELINE_NAME: '_none', STATE_PATH: folder },
            ...{ BOX_IS_ENTERPRISE: 'box_enterprise', BOX_BASE_URL: simulator.url, BOX_CALLS_PER_MINUTE: '0' },
            ...{ BOX_CLIENT_ID: clientId, BOX_CLIENT_SECRET: clientSecret, BOX_ENTERPRISE_ID: enterpriseId },
          },
        });
        assert.is(await runCommandLine(['sync', '--dry-run'], around, noService), 0, around.err());
        const [example] = docBlocks(page).filter(({ language }) => language === 'json');
        const shown = JSON.parse(example?.text ?? '') as Record<string, unknown>;
        const made = around
          .out()
          .split('\n')
          .filter((line) => line.startsWith('{"id":'))
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .find(({ id }) => id === shown['id']);
        assert.equal(shown, made);
      } finally {
        await simulator.close();
      }
    }));
});
