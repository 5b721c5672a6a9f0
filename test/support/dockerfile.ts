/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals: `COPY`. */
  readonly keyword: string;
  /** What follows, in one line. */
  readonly rest: string;
}

/** From one `FROM` to the next. */
export interface Stage {
  /** The name behind `AS`, if it has one. */
  readonly name: string | undefined;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** The defaults of `ARG` before the first stage. */
  readonly args: Readonly<Record<string, string>>;
  readonly stages: readonly Stage[];
}

/** Reads what our own Dockerfile is made of: comments, continued lines, stages. */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const instructions = lines.map((line): Instruction => {
    const [, keyword = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return { keyword: keyword.toUpperCase(), rest };
  });
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const args = Object.fromEntries(
    instructions.slice(0, first).map(({ rest }) => {
      const [name = '', value = ''] = rest.split('=');
      return [name, value];
    }),
  );
  const stages: { name: string | undefined; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions.slice(first)) {
    if (instruction.keyword === 'FROM') {
      const [, image = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.rest) ?? [];
      const base = image.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => args[arg] ?? '');
      stages.push({ name, base, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return { args, stages };
}

/** The words of an instruction in the form of a JSON list: `CMD ["a", "b"]`. */
export function wordsOf({ keyword, rest }: Instruction): readonly string[] {
  const words: unknown = JSON.parse(rest.slice(rest.indexOf('[')));
  if (!Array.isArray(words)) throw new Error(`Cannot read ${keyword}: ${rest}, expected a list`);
  return words.map(String);
}
