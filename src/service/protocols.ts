import type { Log } from '../app/log.js';
import { failureText } from './job-end.js';
import type { Protocol } from './protocol.js';

/** The protocol as a service has it that looks after several connectors. */
export interface Protocols {
  /** To look at all of them. */
  readonly overview: Pick<Protocol, 'connectors' | 'openJobs' | 'unknownConnectors'>;
  /** For one connector and its jobs. */
  readonly of: (connectorId: string) => Protocol;
}

/** One sign-in for all connectors. */
export function sharedProtocol(protocol: Protocol): Protocols {
  return { overview: protocol, of: () => protocol };
}

/**
 * A sign-in of its own for each connector (by id; at least one), which sees no more than its documents: so jobs without a
 * connector are nobody's. One that is refused is missing in the overview, and the log says why; an overview rejects only
 * if all are.
 */
export function ownProtocols(protocols: ReadonlyMap<string, Protocol>, log: Log): Protocols {
  const [first] = protocols.values();
  if (first === undefined) throw new RangeError('Cannot look after connectors: there are none, expected at least one');
  const each = async <T>(
    ids: readonly string[],
    look: (protocol: Protocol, id: string) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => {
    const known = ids.flatMap((id) => {
      const protocol = protocols.get(id);
      return protocol === undefined ? [] : [{ id, protocol }];
    });
    const looks = await Promise.allSettled(known.map(({ id, protocol }) => look(protocol, id)));
    const failures = looks.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (failures.length > 0 && failures.length === looks.length) throw failures[0];
    return looks.flatMap((one, position) => {
      if (one.status === 'fulfilled') return one.value;
      log.warn(
        { connector: known[position]?.id },
        `The connector could not be looked at with its own key: ${failureText(one.reason)}`,
      );
      return [];
    });
  };
  return {
    overview: {
      connectors: ({ ids }) => each(ids, (protocol, id) => protocol.connectors({ ids: [id], serviceTypes: [] })),
      openJobs: (ids) => each(ids ?? [...protocols.keys()], (protocol, id) => protocol.openJobs([id])),
      unknownConnectors: () => Promise.resolve([]),
    },
    of: (id) => protocols.get(id) ?? first,
  };
}
