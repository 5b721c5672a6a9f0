import { AbortedError } from '../core/errors.js';
import type { Finding } from '../sinks/elasticsearch-probe.js';
import type { BoxAccess } from './box-access.js';
import { messageOf } from '../core/message-of.js';

/** Folders that are listed, at most, to find a file whose download can be tried. */
const foldersTried = 5;

/**
 * Signs in to Box, lists one page of what a run begins with, and says what of it works. With `downloads` it also begins
 * the download of one file of the acting user's own, since Box can refuse that to an app that may list everything.
 */
export async function checkBox(
  { box, isEnterprise }: BoxAccess,
  { downloads }: { readonly downloads: boolean },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const look = async (what: string, work: () => Promise<{ found: string; advice?: string }>): Promise<boolean> => {
    try {
      const { found, advice = null } = await work();
      findings.push({ what, ok: true, found, advice });
      return true;
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      findings.push({ what, ok: false, found: messageOf(error), advice: null });
      return false;
    }
  };

  /** `owner` is whoever is acted as. */
  const lookAtDownload = async (owner: string, asUser: string | undefined) => {
    if (!downloads) return;
    await look('Box download', async () => {
      const file = await findFile(box, { owner, asUser }, signal);
      if (file === undefined) return { found: `not tried: no file was found in ${foldersTried} folders` };
      const { bytes } = await box.openContent(file, { asUser }, signal);
      const reading = bytes[Symbol.asyncIterator]();
      await reading.next();
      await reading.return?.();
      return { found: `the content of file ${file} can be read` };
    });
  };

  let self = '';
  const signedIn = await look('Box sign-in', async () => {
    const { name, login, id } = await box.me(signal);
    self = id;
    return { found: `signed in as ${name ?? 'user'} (${login ?? id})` };
  });
  if (!signedIn) return findings;
  await look('Box root folder', async () => {
    const { entries } = await box.listFolder('0', { marker: null, limit: 1 }, signal);
    const found = isEnterprise ? "the app's own can be listed" : 'can be listed';
    return { found: entries.length === 0 ? `${found}; it is empty` : found };
  });
  if (!isEnterprise) {
    await lookAtDownload(self, undefined);
    return findings;
  }
  let viewer: string | undefined;
  await look('Box users', async () => {
    const { users, nextMarker } = await box.listUsers({ marker: null }, signal);
    const active = users.filter(({ status }) => status !== 'inactive');
    viewer = active[0]?.id;
    if (viewer === undefined) {
      return {
        found: 'no active user is listed',
        advice: 'Check that the app may manage users, and that the administrator has authorised it after the change',
      };
    }
    return { found: `${active.length}${nextMarker === null ? '' : ' or more'} active users` };
  });
  if (viewer !== undefined) {
    const asUser = viewer;
    await look('Box as-user', async () => {
      await box.listFolder('0', { marker: null, limit: 1, asUser }, signal);
      return { found: `the root of user ${asUser} can be listed` };
    });
    await lookAtDownload(asUser, asUser);
  }
  return findings;
}

/** A file that is not empty and belongs to the acting user, who may therefore download it; `undefined`: none was found. */
async function findFile(
  box: BoxAccess['box'],
  { owner, asUser }: { readonly owner: string; readonly asUser: string | undefined },
  signal: AbortSignal,
): Promise<string | undefined> {
  const folders = ['0'];
  for (let listed = 0; listed < foldersTried; listed += 1) {
    const folder = folders.shift();
    if (folder === undefined) return undefined;
    const { entries } = await box.listFolder(folder, { marker: null, limit: 100, asUser }, signal);
    for (const entry of entries) {
      if (!('item' in entry) || entry.item.owned_by?.id !== owner) continue;
      const { item } = entry;
      if (item.type === 'file' && item.size !== 0) return item.id;
      if (item.type === 'folder') folders.push(item.id);
    }
  }
  return undefined;
}
