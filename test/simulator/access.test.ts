import * as assert from 'uvu/assert';
import type { Role } from '../../src/simulator/collaborations.js';
import { suite } from '../support/suite.js';
import { withSimulator } from './client.js';

const tree = { users: 3, foldersPerUser: 3, depth: 3, filesPerFolder: 1 };

suite('Access', (test) => {
  test('lets the strongest role flow down, whatever is granted below', () =>
    withSimulator({ tree }, ({ box }) => {
      const [owner = '', guest = '', stranger = ''] = box.tree.owners;
      const [outer, middle, inner] = [0, 1, 2].map((index) => box.tree.folder(0, index));
      assert.ok(outer && middle && inner);
      const [file] = box.items.children(inner.id, 'file');
      assert.ok(file);
      const roleOf = (user: string): Role | undefined => box.access.standing(user, file).role;
      assert.equal([roleOf(owner), roleOf(guest)], ['owner', undefined]);
      box.collaborate(file, { userId: guest, role: 'previewer' });
      assert.is(roleOf(guest), 'previewer');
      box.collaborate(outer, { userId: guest, role: 'editor' });
      box.collaborate(middle, { userId: guest, role: 'viewer' });
      assert.is(roleOf(guest), 'editor');
      assert.is(box.access.standing(guest, outer).role, 'editor');
      assert.is(roleOf(stranger), undefined);
      assert.equal(box.access.viewers(file), [owner, guest]);
    }));

  test('gives everything below a folder to whoever it is moved to', () =>
    withSimulator({ tree }, ({ box }) => {
      const [owner = '', other = ''] = box.tree.owners;
      const [file] = box.items.children(box.tree.folder(0, 2).id, 'file');
      assert.ok(file);
      assert.is(box.access.ownerOf(file), owner);
      box.changeOwner(box.tree.folder(0, 0), other);
      assert.is(box.access.ownerOf(file), other);
      assert.is(box.access.standing(owner, file).role, undefined);
      assert.equal(
        box.access.path(other, file).map(({ id }) => id),
        [0, 1, 2].map((index) => box.tree.folder(0, index).id),
      );
    }));

  test('keeps the sizes of folders in step with what lies below', () =>
    withSimulator({ tree }, ({ box }) => {
      const [outer, inner] = [box.tree.folder(0, 0), box.tree.folder(0, 2)];
      const before = box.items.bytesBelow(outer.id);
      for (const folder of [outer, inner]) {
        const kept = box.items.bytesBelow(folder.id);
        const trashed = [...box.items.children(folder.id, 'file')];
        assert.ok(trashed.length > 0);
        for (const file of trashed) box.trash(file);
        const below = [...box.items.children(folder.id, 'folder')].map(({ id }) => box.items.bytesBelow(id));
        assert.is(
          box.items.bytesBelow(folder.id),
          below.reduce((sum, bytes) => sum + bytes, 0),
        );
        for (const file of trashed) box.restore(file);
        assert.is(box.items.bytesBelow(folder.id), kept);
      }
      const file = box.createFile({ name: 'new.txt', folder: inner.id, content: 1_000 });
      assert.is(box.items.bytesBelow(outer.id), before + 1_000);
      box.newVersion(file.id, 1_500);
      assert.is(box.items.bytesBelow(outer.id), before + 1_500);
      box.trash(file);
      assert.is(box.items.bytesBelow(outer.id), before);
      box.restore(file);
      const other = box.tree.folder(1, 0);
      const otherBefore = box.items.bytesBelow(other.id);
      box.move(inner, other.id);
      assert.is(box.items.bytesBelow(other.id), otherBefore + box.items.bytesBelow(inner.id));
      assert.throws(() => box.move(box.tree.folder(0, 0), box.tree.folder(0, 1).id), /into itself/);
    }));
});
