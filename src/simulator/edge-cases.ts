import type { BoxModel } from './box-model.js';

/** Box documents a limit of 255 characters for names. */
const longestName = 255;
/** Files of up to this size go through text extraction. */
const gateBytes = 10_485_760;

const files: readonly {
  readonly name: string;
  readonly content?: string | number;
  readonly odd?: Record<string, string | undefined>;
}[] = [
  { name: 'emoji \u{1f6a2}\u{1f30a} ferry.txt' },
  { name: 'family \u{1f468}\u200d\u{1f469}\u200d\u{1f467}.md' },
  { name: 'two\nlines.txt' },
  { name: 'tab\tand "quotes".txt' },
  { name: '\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645.txt' },
  { name: '\u202eright-to-left override.txt' },
  { name: '\u65e5\u672c\u8a9e\u306e\u6587\u66f8.txt' },
  { name: 'caf\u00e9 composed.txt' },
  { name: 'cafe\u0301 decomposed.txt' },
  { name: 'line separator\u2028here.txt' },
  { name: '__proto__' },
  { name: 'constructor' },
  { name: 'toString.txt' },
  { name: ' leading space.txt' },
  { name: '100% & <b>bold</b> #1?.txt' },
  { name: 'semi;colon, comma.csv', content: 'a;b,c\n1;2,3\n' },
  { name: `${'n'.repeat(longestName - 4)}.txt` },
  { name: `${'\u00fc'.repeat(longestName - 4)}.txt` },
  { name: '.hidden' },
  { name: 'no-extension' },
  { name: 'UPPER.TXT' },
  { name: 'archive.tar.gz' },
  { name: 'zero.txt', content: 0 },
  { name: 'exactly-the-limit.txt', content: gateBytes },
  { name: 'one-beyond-the-limit.txt', content: gateBytes + 1 },
  { name: 'picture.png' },
  { name: 'size-null.txt', odd: { size: 'null' } },
  { name: 'size-absent.txt', odd: { size: undefined } },
  {
    name: 'dates-null.txt',
    odd: { created_at: 'null', modified_at: 'null', content_created_at: 'null', content_modified_at: 'null' },
  },
  { name: 'dates-absent.txt', odd: { created_at: undefined, modified_at: undefined } },
  { name: 'date-utc.txt', odd: { created_at: '"2020-02-29T23:59:59Z"', modified_at: '"2020-02-29T23:59:59+00:00"' } },
  {
    name: 'date-india.txt',
    odd: { created_at: '"2021-06-01T00:00:00+05:30"', modified_at: '"2021-06-01T00:00:01+05:30"' },
  },
  {
    name: 'date-old.txt',
    odd: { content_created_at: '"1601-01-01T00:00:00-00:00"', content_modified_at: '"2199-12-31T23:59:59-08:00"' },
  },
  { name: 'extension-null.txt', odd: { extension: 'null' } },
  { name: 'extension-absent.txt', odd: { extension: undefined } },
  { name: 'description-null.txt', odd: { description: 'null' } },
  { name: 'numeric-id.txt', odd: { id: '1580000000001' } },
  {
    name: 'nobody-made-this.txt',
    odd: { created_by: '{"type":"user","id":"2","name":"Unknown User","login":""}', modified_by: 'null' },
  },
  { name: 'tags-null.txt', odd: { tags: 'null', classification: 'null', shared_link: 'null' } },
];

/** One account with everything that has ever surprised a client, and a second one that shares with it. */
export function edgeCases(box: BoxModel): void {
  const owner = box.createUser({
    id: '20200000001',
    name: 'Zo\u00eb O\u2019Neill',
    login: 'zoe@example.com',
    role: 'admin',
  }).id;
  const other = box.createUser({ id: '20200000002', name: 'constructor', login: 'other@example.com' }).id;
  const common = { owner, createdAt: '2022-03-01T08:00:00-08:00', modifiedAt: '2023-07-15T17:30:00-07:00' };

  const oddities = box.createFolder({ ...common, name: 'Oddities \u{1f9ed}' });
  files.forEach(({ name, content, odd }, index) => {
    const id = String(1_580_000_000_001 + index - files.findIndex((file) => file.name === 'numeric-id.txt'));
    const text = content ?? `Content of edge case ${index}: ${name}\n`;
    box.createFile({ ...common, folder: oddities.id, id, name, content: text, ...(odd ? { odd } : {}) });
  });

  // The same number names a file and a folder.
  const twin = '777000000001';
  box.createFolder({ ...common, id: twin, name: 'Twin folder' });
  box.createFile({
    ...common,
    id: twin,
    name: 'Twin file.txt',
    content: 'The file that shares its number with a folder.\n',
  });

  box.createFolder({ ...common, name: '__proto__', odd: { size: '1.0034576983313e+14', description: 'null' } });
  box.createFolder({ ...common, name: 'Numeric folder', id: '777000000002', odd: { id: '777000000002' } });
  box.createFolder({ ...common, name: 'Folder without dates', odd: { created_at: 'null', modified_at: 'null' } });
  const deep = box.createFolder({ ...common, name: 'Outer folder' });
  box.createFolder({ ...common, folder: deep.id, name: 'Empty folder' });

  const tagged = box.createFile({
    ...common,
    name: 'tagged.txt',
    content: 'Tagged, classified and shared.\n',
    tags: ['red', 'Gr\u00fcn', '__proto__'],
  });
  const classification = { name: 'Internal', definition: 'For "employees" only', color: '#00FF00' };
  box.items.put({ ...box.file(tagged.id), classification });
  box.share(tagged, { access: 'open', token: 'opentagged' });
  const secret = box.createFile({ ...common, name: 'password.txt', content: 'Behind a password.\n' });
  box.share(secret, {
    access: 'open',
    password: 'guess',
    unsharedAt: '2099-01-01T00:00:00-08:00',
    token: 'passwordlink',
  });
  const restricted = box.createFolder({ ...common, name: 'Restricted link' });
  box.share(restricted, { access: 'open', effectiveAccess: 'collaborators', token: 'restrictedlink' });

  box.createWebLink({
    ...common,
    name: 'Web link',
    url: 'https://example.com/a?b=c&d=\u00e9#f',
    description: 'Somewhere else',
  });
  box.createWebLink({ ...common, name: '\u{1f517}', url: 'http://example.org/', odd: { description: 'null' } });

  const shared = box.createFolder({ ...common, owner: other, name: 'Shared by the other' });
  box.createFile({ ...common, folder: shared.id, name: 'shared.txt', content: 'Seen by two.\n' });
  box.collaborate(shared, { userId: owner, role: 'viewer' });
  const single = box.createFile({
    ...common,
    owner: other,
    name: 'single.txt',
    content: 'One file shared by itself.\n',
  });
  box.collaborate(single, { userId: owner, role: 'editor' });
  const hidden = box.createFolder({ ...common, owner: other, name: 'Access only' });
  box.collaborate(hidden, { userId: owner, role: 'viewer', isAccessOnly: true });
  const pending = box.createFolder({ ...common, owner: other, name: 'Pending' });
  box.collaborate(pending, { userId: owner, status: 'pending' });
  box.collaborate(pending, { inviteEmail: 'nobody@example.net' });
}
