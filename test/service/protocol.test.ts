import { suite } from '../support/suite.js';
import { MemoryProtocol } from './memory-protocol.js';
import { protocolConformance } from './protocol-conformance.js';

suite('the protocol in memory', (test) => {
  protocolConformance(test, (run) => {
    const protocol = new MemoryProtocol();
    return run({
      protocol,
      prefix: 'p-',
      removeLater: () => {},
      putConnector: (id, source) => {
        protocol.putConnector(id, source);
        return Promise.resolve();
      },
      putJob: (id, source) => {
        protocol.putJob(id, source);
        return Promise.resolve();
      },
    });
  });
});
