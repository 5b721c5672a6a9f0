import type { Access } from './access.js';
import type { Collaboration } from './collaborations.js';
import type { EventLog } from './event-log.js';
import type { Item } from './item.js';
import { jsonText } from './json-text.js';
import type { People } from './people.js';
import { itemRenderer, type Scene } from './render-item.js';

interface Deps {
  readonly events: EventLog;
  readonly access: Access;
  readonly people: People;
  /** What a user sees at this moment. */
  readonly scene: (viewer: string) => Scene;
  /** Who makes changes to people. */
  readonly firstUser: () => string;
}

interface ItemChange {
  readonly userType: string;
  /** `null`: not told to the enterprise. */
  readonly adminType: string | null;
  /** Id of the user who made it; default the owner. */
  readonly by: string | undefined;
  /** Whether the streams `changes` and `sync` tell it. */
  readonly isTreeChange: boolean;
}

const standard = itemRenderer('standard');
const inTrash: Partial<Scene> = { parent: () => 'null', path: () => '{"entries":[],"total_count":0}' };
const manyViewers = 20;

/** Writes changes to the event streams, with what each viewer saw at that moment. */
export class ChangeRecorder {
  readonly #deps: Deps;
  #isQuiet = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Whether changes go unrecorded. */
  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  /** Makes changes that are not recorded. */
  quietly<T>(change: () => T): T {
    const before = this.#isQuiet;
    this.#isQuiet = true;
    try {
      return change();
    } finally {
      this.#isQuiet = before;
    }
  }

  item(item: Item, { userType, adminType, by, isTreeChange }: ItemChange): void {
    if (this.#isQuiet) return;
    const { access, events } = this.#deps;
    const owner = access.ownerOf(item);
    const adminSource = this.#adminSource(item, owner);
    events.append({
      userType,
      adminType,
      actor: by ?? owner,
      isTreeChange,
      viewers: this.#snapshots(item, owner),
      adminSource: () => adminSource,
    });
  }

  /** Only the owner is told. There are so many of these that their texts are made when they are read. */
  download(file: Item, by: string): void {
    if (this.#isQuiet) return;
    const { access, events } = this.#deps;
    const owner = access.ownerOf(file);
    events.append({
      userType: 'ITEM_DOWNLOAD',
      adminType: 'DOWNLOAD',
      actor: by,
      isTreeChange: false,
      viewers: { has: (id) => id === owner, get: (id) => (id === owner ? this.#snapshot(file, owner) : undefined) },
      adminSource: () => this.#adminSource(file, owner),
    });
  }

  collaboration(
    userType: string,
    adminType: string,
    { id, principal, role, createdBy }: Collaboration,
    item: Item,
  ): void {
    if (this.#isQuiet) return;
    const { access, events, people, scene } = this.#deps;
    const owner = access.ownerOf(item);
    const source = [
      `"${item.type}_id":"${item.id}","${item.type}_name":${jsonText(item.name)}`,
      ...(principal ? [`"${principal.type}_id":"${principal.id}"`] : []),
      `"parent":${scene(owner).parent(item)},"owned_by":${people.miniJson(owner)}`,
    ];
    events.append({
      userType,
      adminType,
      actor: createdBy,
      isTreeChange: true,
      viewers: this.#snapshots(item, owner),
      changeViewers: new Set([owner]),
      adminSource: () => `{${source.join(',')}}`,
      accessibleBy: principal?.type === 'user' ? people.miniJson(principal.id) : 'null',
      details: jsonText({
        type: 'box://event/additional_details/collaboration',
        collab_id: id,
        role: role.charAt(0).toUpperCase() + role.slice(1),
        is_performed_by_admin: false,
        invitation_message: '',
      }),
    });
  }

  person(adminType: string, userId: string): void {
    if (this.#isQuiet) return;
    const { events, people, firstUser } = this.#deps;
    events.append({
      userType: null,
      adminType,
      actor: firstUser(),
      isTreeChange: false,
      viewers: new Map(),
      adminSource: () => people.miniJson(userId),
    });
  }

  /** What each viewer sees of an item. Where there are more than 20, all see what its owner sees. */
  #snapshots(item: Item, owner: string): Map<string, string> {
    const viewers = this.#deps.access.viewers(item);
    const ofOwner = this.#snapshot(item, owner);
    const isShort = viewers.length > manyViewers;
    return new Map(
      viewers.map((viewer) => [viewer, isShort || viewer === owner ? ofOwner : this.#snapshot(item, viewer)]),
    );
  }

  #adminSource(item: Item, owner: string): string {
    const { people, scene } = this.#deps;
    const parent = item.trashedAt === null ? scene(owner).parent(item) : 'null';
    const names = `"item_type":"${item.type}","item_id":"${item.id}","item_name":${jsonText(item.name)}`;
    return `{${names},"parent":${parent},"owned_by":${people.miniJson(owner)}}`;
  }

  #snapshot(item: Item, viewer: string): string {
    const scene = this.#deps.scene(viewer);
    const json = standard(item, item.trashedAt === null ? scene : { ...scene, ...inTrash });
    // In the streams a trashed item is called deleted.
    return `${json.slice(0, -1).replace('"item_status":"trashed"', '"item_status":"deleted"')},"synced":false}`;
  }
}
