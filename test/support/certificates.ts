import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificates {
  /** The authority, which nobody else knows. */
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** An authority of its own making in `folder`, and a certificate that it has signed for `names`. Needs `openssl`. */
export function makeCertificates(folder: string, names: readonly string[]): Certificates {
  mkdirSync(folder, { recursive: true });
  const at = (file: string) => join(folder, file);
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const [ca, caKey, key, cert] = [at('ca.pem'), at('ca-key.pem'), at('key.pem'), at('cert.pem')];
  run('req', '-x509', ...newKey, '-days', '2', '-keyout', caKey, '-out', ca, '-subj', '/CN=Authority of a test');
  run('req', ...newKey, '-keyout', key, '-out', at('request.pem'), '-subj', `/CN=${names[0] ?? 'test'}`);
  const subjects = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
  writeFileSync(at('extensions'), `subjectAltName=${subjects}\n`);
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', at('extensions')];
  run('x509', '-req', '-in', at('request.pem'), ...signing, '-out', cert);
  return { ca, key, cert };
}
