import * as assert from 'uvu/assert';
import { CallCounts } from '../../src/box/call-counts.js';
import { withCallLog } from '../../src/box/with-call-log.js';
import { AbortedError, TransientError } from '../../src/core/errors.js';
import { fakeHttp, never, rejection, reply } from '../support/fake-http.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

suite('withCallLog()', (test) => {
  test('counts by route, and repeats apart by their reason, also what fails', async () => {
    const { http } = fakeHttp([reply(200), reply(429), reply(200), new TransientError('Cut')]);
    const counts = new CallCounts();
    const logged = withCallLog(http, { counts, clock: new VirtualClock() });
    await logged({ method: 'GET', url: '/a', route: 'folders' }, never);
    await logged({ method: 'GET', url: '/a', route: 'folders' }, never);
    await logged({ method: 'GET', url: '/a', route: 'folders', repeat: 'rate-limited' }, never);
    await rejection(logged({ method: 'GET', url: '/a', route: 'content' }, never));
    assert.is(counts.calls.folders, 2);
    assert.is(counts.calls.content, 1);
    assert.is(counts.repeats['rate-limited'], 1);
    assert.is(counts.repeats.network, 0);
  });

  test('counts how each request ended, by route template and status', async () => {
    const { http } = fakeHttp([
      reply(200),
      reply(429),
      reply(200),
      new TransientError('Cut'),
      new AbortedError(),
      reply(302),
    ]);
    const counts = new CallCounts();
    const logged = withCallLog(http, { counts, clock: new VirtualClock() });
    for (const id of ['1', '2', '3']) {
      await logged({ method: 'GET', url: `/2.0/folders/${id}/items?marker=x`, route: 'folders' }, never);
    }
    await rejection(logged({ method: 'GET', url: '/2.0/folders/4/items', route: 'folders' }, never));
    await rejection(logged({ method: 'GET', url: '/2.0/folders/4/items', route: 'folders' }, never));
    await logged({ method: 'GET', url: '/2.0/files/5/content', route: 'content' }, never);
    assert.equal(
      [...counts.ends].map(([route, ends]) => [route, ...ends]),
      [
        ['/folders/:id/items', [200, 2], [429, 1], ['no-answer', 1], ['aborted', 1]],
        ['/files/:id/content', [302, 1]],
      ],
    );
  });

  test('two counts are apart from one another', () => {
    const [one, two] = [new CallCounts(), new CallCounts()];
    one.sent({ method: 'GET', url: '/', route: 'token' });
    one.sent({ method: 'GET', url: '/', route: 'token', repeat: 'network' });
    assert.equal([two.calls.token, two.repeats.network], [0, 0]);
  });

  test('logs a line that holds no token, query or download URL', async () => {
    const { http } = fakeHttp([reply(200, 'geheim', { 'box-request-id': 'r1', 'x-token': 'geheim' })]);
    const lines: object[] = [];
    const deps = { counts: new CallCounts(), clock: new VirtualClock(), log: (line: object) => lines.push(line) };
    const logged = withCallLog(http, deps);
    const headers = { authorization: 'Bearer geheim' };
    await logged({ method: 'GET', url: '/2.0/x?marker=geheim', route: 'folders', asUser: '7', headers }, never);
    await logged({ method: 'POST', url: '/oauth2/token', route: 'token', body: 'refresh_token=geheim' }, never);
    await logged({ method: 'GET', url: 'https://dl.boxcloud.com/geheim?x=geheim', route: 'download' }, never);
    assert.is(lines.length, 3);
    assert.not.match(JSON.stringify(lines), 'geheim');
    assert.equal(lines[0], {
      message: 'Box call GET "/2.0/x" as user 7',
      route: 'folders',
      asUser: '7',
      repeat: undefined,
      ms: 0,
      status: 200,
      requestId: 'r1',
    });
  });

  test('logs failures and hands them on', async () => {
    const failure = new TransientError('Cut');
    const { http } = fakeHttp([failure]);
    const lines: object[] = [];
    const deps = { counts: new CallCounts(), clock: new VirtualClock(), log: (line: object) => lines.push(line) };
    assert.is(await rejection(withCallLog(http, deps)({ method: 'GET', url: '/a', route: 'items' }, never)), failure);
    assert.match(JSON.stringify(lines), '"error":"Cut"');
  });
});
