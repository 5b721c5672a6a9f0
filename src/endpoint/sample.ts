import type { MetricName } from './metric-table.js';

/** The value of one series of a connector: a metric with the values of its labels. */
export interface Sample {
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function sample(name: MetricName, value: number, labels: Readonly<Record<string, string>> = {}): Sample {
  return { name, labels, value };
}

/** The same for two samples of one series; labels are given in the same order everywhere. */
export function seriesOf({ name, labels }: Sample): string {
  return `${name} ${Object.values(labels).join(' ')}`;
}
