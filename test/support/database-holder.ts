import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Another process that has the database at `path` open, after it has run `sql`. `letGo` closes it there and waits for the
 * end of the process.
 */
export async function holdDatabase(path: string, sql: string): Promise<{ readonly letGo: () => Promise<void> }> {
  const script = `
    import Database from 'libsql';
    const db = new Database(process.argv[1]);
    db.exec(process.argv[2]);
    db.prepare('SELECT x FROM a').all();
    console.log('open');
    process.stdin.on('end', () => db.close()).resume();`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', script, path, sql], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(other, 'close');
  await once(other.stdout, 'data');
  return {
    letGo: async () => {
      other.stdin.end();
      await ended;
    },
  };
}
