import { suite } from '../support/suite.js';
import { MemoryProtocol } from './memory-protocol.js';
import { protocolConformance } from './protocol-conformance.js';

suite('the protocol in memory', (test) => {
  protocolConformance(test, (run) => {
    const protocol = new MemoryProtocol();
    return run({
      protocol,
      prefix: 'p-',
      putConnector: (id, source) => Promise.resolve(protocol.putConnector(id, source)),
      putJob: (id, source) => Promise.resolve(protocol.putJob(id, source)),
    });
  });
});
