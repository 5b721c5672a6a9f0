import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { printable } from '../core/printable.js';
import type { Figures } from './figures.js';
import { type MetricName, metricTable } from './metric-table.js';
import type { Sample } from './sample.js';

export interface PrometheusText {
  readonly contentType: string;
  /** All metrics as they are now, in Prometheus' text format. */
  text(): Promise<string>;
}

export interface PrometheusTextDeps {
  readonly figures: Figures;
  readonly version: string;
  readonly isReady: () => boolean;
}

type Row = readonly [connector: string, sample: Sample];

/**
 * The figures for Prometheus, with those of the process itself and the delay of its event loop. To be made once in a
 * process: what measures the process is never switched off again.
 */
export function prometheusText({ figures, version, isReady }: PrometheusTextDeps): PrometheusText {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  new Gauge({ name: 'box_connector_info', help: 'Always 1', labelNames: ['version'], registers }).set({ version }, 1);
  const ready = new Gauge({ name: 'box_connector_ready', help: '1 if /health/ready says so, else 0', registers });

  /** What the one scrape sees that is under way, by metric. */
  let seen = new Map<MetricName, Row[]>();
  for (const [name, { kind, help, labels }] of entriesOf(metricTable)) {
    const configuration = { name, help, labelNames: ['connector', ...labels], registers };
    if (kind === 'counter') {
      new Counter({
        ...configuration,
        collect() {
          this.reset();
          for (const [connector, { labels: own, value }] of seen.get(name) ?? [])
            this.inc({ connector, ...own }, value);
        },
      });
    } else {
      new Gauge({
        ...configuration,
        collect() {
          this.reset();
          for (const [connector, { labels: own, value }] of seen.get(name) ?? [])
            this.set({ connector, ...own }, value);
        },
      });
    }
  }

  return {
    contentType: registry.contentType,
    text() {
      seen = new Map();
      for (const [id, samples] of figures.samples()) {
        // The library escapes what would break the line; this is for whoever looks at it at a terminal.
        const connector = printable(id);
        for (const sample of samples) {
          const rows = seen.get(sample.name);
          if (rows === undefined) seen.set(sample.name, [[connector, sample]]);
          else rows.push([connector, sample]);
        }
      }
      ready.set(isReady() ? 1 : 0);
      return registry.metrics();
    },
  };
}

function entriesOf<K extends string, V>(table: Readonly<Record<K, V>>): readonly (readonly [K, V])[];
function entriesOf(table: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(table);
}
