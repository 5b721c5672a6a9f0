import * as assert from 'uvu/assert';
import { sinkFault } from '../../src/sinks/sink-fault.js';
import { suite } from '../support/suite.js';

suite('sinkFault()', (test) => {
  test('names the sink, and keeps what was thrown', () => {
    const cause = new TypeError('no such member');
    const fault = sinkFault('elasticsearchBulk', cause);
    assert.is(fault.message, 'The sink elasticsearchBulk failed: no such member');
    assert.is(fault.cause, cause);
  });
});
