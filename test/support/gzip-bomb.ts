import { gzipSync } from 'node:zlib';

const memberBytes = 16 * 1024 * 1024;

/** `mebibytes` of blanks, gzipped: a thousandth of that. Members of gzip may follow one another, so one is made once. */
export function gzipBomb(mebibytes: number): Buffer {
  const member = gzipSync(Buffer.alloc(memberBytes, ' '), { level: 9 });
  return Buffer.concat(Array.from({ length: Math.ceil((mebibytes * 1024 * 1024) / memberBytes) }, () => member));
}
