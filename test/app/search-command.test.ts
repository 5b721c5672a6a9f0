import { join } from 'node:path';
import { lastValueFrom, of } from 'rxjs';
import * as assert from 'uvu/assert';
import { makeLog } from '../../src/app/log.js';
import { searchCommand } from '../../src/app/search-command.js';
import { printable } from '../../src/core/printable.js';
import { localIndex } from '../../src/sinks/local-index.js';
import { enveloped, index } from '../sinks/operations.js';
import { fakeSurroundings } from '../support/fake-surroundings.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

function searched(isTTY: boolean, text: string): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'index.sqlite');
    const document = { type: 'file', name: 'boat.txt', path: '/\u001b[2J/boat.txt', url: 'https://app.box.com/file/1' };
    const body = 'the ferry\nhas \u001b[31m a battery \u009b room';
    await lastValueFrom(of(enveloped([index('1', document, { body })])).pipe(localIndex({ path })));
    const around = fakeSurroundings({ isTTY });
    const log = makeLog({ level: 'error', readable: true, version: '0' }, around.stderr);
    const say = (line: string) => void around.stdout.write(`${printable(line)}\n`);
    const loaded = loadTestConfig({ local_index: { path } });
    assert.is(searchCommand(loaded, { ...around, log, version: '0', say }, { text, limit: 5 }), 0);
    return around.out();
  });
}

suite('searchCommand', (test) => {
  test('for a person: where, the passage with the words in bold, the address', async () => {
    assert.equal((await searched(true, 'battery')).split('\n'), [
      '1. /\\u001b[2J/boat.txt  (file)',
      '   the ferry has \\u001b[31m a \u001b[1mbattery\u001b[22m \\u009b room',
      '   https://app.box.com/file/1',
      '',
    ]);
  });

  test('for a program: a line of JSON each', async () => {
    const lines = (await searched(false, 'ferry')).trimEnd().split('\n');
    assert.is(lines.length, 1);
    const hit = JSON.parse(lines[0]!) as Record<string, unknown>;
    assert.is(hit['path'], '/\u001b[2J/boat.txt');
    assert.match(String(hit['snippet']), /the <em>ferry<\/em>/);
    assert.not.match(lines[0]!, /[\u001b\u009b]/);
  });

  test('nothing found: said to a person, nothing to a program', async () => {
    assert.is(await searched(true, 'submarine'), 'Nothing found\n');
    assert.is(await searched(false, 'submarine'), '');
  });
});
