/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads Prometheus' text format, strictly: a line that is neither a comment nor a sample, a series that is there twice,
 * or one whose metric has no `# TYPE` before it, is an error.
 */
export function parsePrometheusText(text: string): readonly Sample[] {
  if (!text.endsWith('\n')) throw new Error('The text does not end with a line end');
  const samples: Sample[] = [];
  const typed = new Set<string>();
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment !== null) {
      if (comment[1] === 'TYPE') typed.add(comment[2] ?? '');
      continue;
    }
    const found = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|Nan)$/.exec(line);
    if (found === null) throw new Error(`Not a sample: ${JSON.stringify(line)}`);
    const [, name = '', inside = '', value = ''] = found;
    const base = name.replace(/_(bucket|sum|count)$/, '');
    if (!typed.has(name) && !typed.has(base)) throw new Error(`${name} has no type`);
    const series = `${name}{${inside}}`;
    if (seen.has(series)) throw new Error(`${series} is there twice`);
    seen.add(series);
    samples.push({ name, labels: labelsOf(inside), value: Number(value.replace('Inf', 'Infinity')) });
  }
  return samples;
}

function labelsOf(inside: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let rest = inside;
  while (rest !== '') {
    const found = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest);
    if (found === null) throw new Error(`Not a label: ${JSON.stringify(rest)}`);
    const [all, name = '', value = ''] = found;
    if (name in labels) throw new Error(`The label ${name} is there twice`);
    labels[name] = value.replace(/\\(["\\n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
    rest = rest.slice(all.length);
  }
  return labels;
}
