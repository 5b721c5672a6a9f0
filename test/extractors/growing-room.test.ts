import * as assert from 'uvu/assert';
import { growingRoom } from '../../src/extractors/growing-room.js';
import { recordingRoom } from '../support/rooms.js';
import { suite } from '../support/suite.js';

suite('growingRoom', (test) => {
  test('asks in doubling steps above what is there already', async () => {
    const asked: number[] = [];
    const room = growingRoom(recordingRoom(asked), 1_000);
    for (let bytes = 0; bytes <= 1_000_000; bytes += 1_000) await room.grow(bytes);
    assert.equal(asked, [66_536, 132_072, 263_144, 525_288, 1_049_576]);
  });

  test('asks for all that is needed where that is more than a step', async () => {
    const asked: number[] = [];
    const room = growingRoom(recordingRoom(asked), 10);
    await room.grow(5_000_000);
    await room.grow(5_000_000);
    assert.equal(asked, [5_000_000]);
  });
});
