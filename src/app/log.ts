import { ecsFormat } from '@elastic/ecs-pino-format';
import { type DestinationStream, type Logger, pino } from 'pino';
import { printable } from '../core/printable.js';
import { redact } from '../core/redact.js';

export type Log = Logger;

export interface LogOptions {
  readonly level: string;
  /** One readable line each instead of ECS JSON: for a person at a terminal. */
  readonly readable: boolean;
  readonly version: string;
}

/**
 * The log: ECS JSON, or readable lines. Every text that goes out has its secrets cut out, and nothing in it that could
 * end its line or move a terminal.
 */
export function makeLog({ level, readable, version }: LogOptions, out: DestinationStream): Log {
  const safe: DestinationStream = {
    write: (line) => out.write(redact(readable ? readableLine(line) : printableJson(line))),
  };
  return pino(
    {
      ...ecsFormat({ apmIntegration: false, serviceName: 'box-connector', serviceVersion: version }),
      level: level.toLowerCase(),
    },
    safe,
  );
}

/** JSON has escapes for what it may hold as it is, and a terminal may not: the same values are read from it. */
function printableJson(line: string): string {
  return `${printable(line.trimEnd())}\n`;
}

const known = new Set([
  '@timestamp',
  'log.level',
  'message',
  'ecs.version',
  'process.pid',
  'host.hostname',
  'service.name',
  'service.version',
  'log.logger',
  'event.dataset',
]);

/** `06:12:01 WARN  message  key=value`. What comes from outside cannot break the line: control characters are escaped. */
function readableLine(json: string): string {
  const line = JSON.parse(json) as Record<string, unknown>;
  const time = String(line['@timestamp']).slice(11, 19);
  const level = String(line['log.level']).toUpperCase().padEnd(5);
  const rest = Object.entries(line)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  return `${printable(`${time} ${level} ${String(line['message'])}${rest === '' ? '' : `  ${rest}`}`)}\n`;
}
