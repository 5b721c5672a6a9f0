import type { BoxUser } from '../box/parse-user.js';

/** Which users are walked: those named in `include` (all, if it is empty), without those in `exclude`. */
export function includesUser(users: {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}): (user: BoxUser) => boolean {
  const include = new Set(users.include.map(fold));
  const exclude = new Set(users.exclude.map(fold));
  return ({ id, login }) => {
    const names = login === null ? [id] : [id, fold(login)];
    return (include.size === 0 || names.some((name) => include.has(name))) && !names.some((name) => exclude.has(name));
  };
}

function fold(login: string): string {
  return login.trim().toLowerCase();
}
