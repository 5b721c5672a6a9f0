/** One field of a Quartz expression: which numbers it may hold. */
export interface QuartzField {
  /** For messages, such as `hours`. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** What may stand for the numbers from `min` on, in capitals: `JAN`, `FEB`, ... */
  readonly names: readonly string[];
  /** Whether a range may go over the end, as in `FRI-MON` or `22-4`. */
  readonly wraps: boolean;
  /** What is expected where something else was found. */
  readonly expected: string;
}

/** Text of one field in capitals, as in `0/15`, `1,3-5` or `MON-FRI`; the numbers come back in order, each once. */
export function readQuartzField(
  field: QuartzField,
  text: string,
): { readonly values: readonly number[] } | { readonly problem: string } {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const read = readItem(field, item);
    if ('problem' in read) return read;
    for (const value of read.values) values.add(value);
  }
  return { values: [...values].sort((a, b) => a - b) };
}

/** The number that a number or name of the field stands for. */
export function quartzNumber(field: QuartzField, text: string): number | undefined {
  const named = field.names.indexOf(text);
  const value = named >= 0 ? field.min + named : /^\d{1,4}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= field.min && value <= field.max ? value : undefined;
}

function readItem(field: QuartzField, item: string): { values: readonly number[] } | { problem: string } {
  const problem = { problem: `${JSON.stringify(item)} in ${field.name}, expected ${field.expected}` };
  const parts = /^([^-/]*)(?:-([^-/]+))?(?:\/(\d{1,4}))?$/.exec(item);
  if (parts === null) return problem;
  const [, start = '', end, stepText] = parts;

  const step = stepText === undefined ? 1 : Number(stepText);
  // A step beyond the field would quietly be no step; Quartz refuses it too.
  if (step < 1 || step > field.max) {
    return { problem: `step ${step} in ${field.name}, expected 1 to ${field.max}` };
  }
  // "/5" is short for "*/5".
  const isWhole = start === '*' || (start === '' && stepText !== undefined);
  if (isWhole) return end === undefined ? { values: upTo(field, field.min, field.max, step) } : problem;

  const first = quartzNumber(field, start);
  if (first === undefined) return problem;
  if (end === undefined) {
    return { values: stepText === undefined ? [first] : upTo(field, first, field.max, step) };
  }
  const last = quartzNumber(field, end);
  if (last === undefined) return problem;
  if (last >= first) return { values: upTo(field, first, last, step) };
  if (!field.wraps)
    return { problem: `range ${item} in ${field.name} goes backwards, expected the lower number first` };
  return { values: upTo(field, first, last + field.max - field.min + 1, step) };
}

/** From `first` by `step` until `last`, which may lie beyond the end of the field: it goes on from its start. */
function upTo({ min, max }: QuartzField, first: number, last: number, step: number): readonly number[] {
  const count = max - min + 1;
  return Array.from(
    { length: Math.floor((last - first) / step) + 1 },
    (_, index) => ((first + index * step - min) % count) + min,
  );
}
