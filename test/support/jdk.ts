import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Jdk {
  readonly home: string;
  /** Of the language: 21, 25. */
  readonly version: number;
}

/**
 * The newest installed JDK (with `javac`) of at least `minimum`, or of `JAVA_HOME` if that one will do; `undefined` if
 * there is none. Nothing is started: a JDK says its version in its `release` file.
 */
export function findJdk(minimum: number): Jdk | undefined {
  const named = process.env['JAVA_HOME'];
  const chosen = named === undefined ? undefined : readJdk(named);
  if (chosen && chosen.version >= minimum) return chosen;
  return places()
    .map(readJdk)
    .filter((jdk) => jdk !== undefined && jdk.version >= minimum)
    .sort((a, b) => (b?.version ?? 0) - (a?.version ?? 0))[0];
}

function places(): string[] {
  const inside = (folder: string, ...rest: string[]) =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, ...rest)) : [];
  return [
    ...inside('/usr/lib/jvm'),
    ...inside('/opt/java'),
    ...inside('/opt/homebrew/opt', 'libexec', 'openjdk.jdk', 'Contents', 'Home'),
    ...inside('/Library/Java/JavaVirtualMachines', 'Contents', 'Home'),
    ...inside(join(homedir(), '.sdkman', 'candidates', 'java')),
    ...inside(join(homedir(), '.jdks')),
  ];
}

function readJdk(home: string): Jdk | undefined {
  const release = join(home, 'release');
  if (!existsSync(join(home, 'bin', 'javac')) || !existsSync(release)) return undefined;
  const version = /^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1];
  return version === undefined ? undefined : { home, version: Number(version) };
}
