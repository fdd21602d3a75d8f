import type { RollbackPlay } from './RollbackPlay';

/** What is done to a git repo after the automation wrote 1.1.0 over 1.0.0 in it. */
export interface RollbackHistory {
  /** Of the test. */
  does: string;
  /** Default one marker of the tag. */
  files?: (image: string) => Record<string, string>;
  play: (on: RollbackPlay) => Promise<void>;
  /** Values in git once it was played and all that may be was written. */
  values: string[];
}

/** One that ends in a rollback. */
export interface HeldHistory extends RollbackHistory {
  /** Default what the automation wrote last is brought back. */
  undo?: (on: RollbackPlay) => Promise<void>;
}

/** One that ends in no rollback. */
export interface FreeHistory extends RollbackHistory {
  /** A tag that is published at last, and written everywhere; default 1.9.0. */
  next?: string;
  /** A rollback was noticed, and ended in git; default none ever was. */
  wasHeld?: boolean;
  /** What the repository goes through before anybody looks at it. */
  past?: Record<string, string>[];
}

const tagLine = (tag: string) => `v: ${tag} # {"$imagescan": "app:tag"}\n`;

const definition = (image: string, more: object = {}) =>
  `${JSON.stringify({ imageScans: [{ tagName: 'app', image, ...more }] })}\n`;

/** What a repository begins with. */
export function firstFiles(
  { files }: RollbackHistory,
  image: string,
): Record<string, string> {
  return {
    'fleet.yaml': definition(image, { interval: '1h' }),
    ...(files?.(image) ?? { 'app.yaml': tagLine('1.0.0') }),
  };
}

const back = { '1.1.0': '1.0.0' };
const twoMarkers = () => ({
  'app.yaml': tagLine('1.0.0') + tagLine('1.0.0'),
});
const imageMarker = (image: string) => ({
  'app.yaml': `image: ${image}:1.0.0 # {"$imagescan": "app"}\n`,
});

export const heldHistories: HeldHistory[] = [
  {
    does: 'a git revert of our commit',
    play: async ({ copy, ours }) => {
      await copy.git('revert', '--no-edit', ours);
      await copy.git('push', '--quiet');
    },
    values: ['1.0.0'],
  },
  {
    does: 'a revert that is merged',
    play: async ({ copy, ours }) => {
      await copy.git('checkout', '--quiet', '-b', 'back');
      await copy.git('revert', '--no-edit', ours);
      await copy.git('checkout', '--quiet', 'main');
      await copy.git('merge', '--quiet', '--no-ff', '--no-edit', 'back');
      await copy.git('push', '--quiet');
    },
    values: ['1.0.0'],
  },
  {
    does: 'a force push to before our commit',
    play: async ({ copy, ours }) => {
      await copy.git('reset', '--quiet', '--hard', `${ours}^`);
      await copy.git('push', '--quiet', '--force');
    },
    values: ['1.0.0'],
  },
  {
    does: 'a newer result before the next look',
    play: async on => {
      await on.edit(back);
      await on.publish('1.2.0');
    },
    values: ['1.0.0'],
  },
  {
    does: 'a way back while an update waits',
    play: async on => {
      await on.publish('1.2.0');
      await on.failToWrite();
      await on.edit(back);
    },
    values: ['1.0.0'],
  },
  {
    does: 'a way back that is faster than an update',
    play: async on => {
      await on.publish('1.2.0');
      await on.loseRace({ 'app.yaml': tagLine('1.0.0') });
    },
    values: ['1.0.0'],
  },
  {
    does: 'one of two markers back',
    files: twoMarkers,
    play: on => on.edit(back),
    values: ['1.0.0', '1.1.0'],
  },
  {
    does: 'one of two markers back, and the other on by hand',
    files: twoMarkers,
    play: async on => {
      await on.copy.write('app.yaml', tagLine('1.0.0') + tagLine('1.1.1'));
      await on.copy.commit('One back, one on');
    },
    values: ['1.0.0', '1.1.1'],
    undo: on => on.edit({ '1.0.0': '1.1.0' }),
  },
  {
    does: 'another image by hand',
    files: imageMarker,
    play: on => on.edit({ ':1.1.0': '-fork:1.1.0' }),
    values: ['app-fork:1.1.0'],
  },
  {
    does: 'a way to latest',
    play: on => on.edit({ '1.1.0': 'latest' }),
    values: ['latest'],
  },
  {
    does: 'a line that moves, with its value back',
    play: on => on.edit({ 'v: 1.1.0': '# one\n# two\nv: 1.0.0' }),
    values: ['1.0.0'],
  },
  {
    does: 'a step further back while it is held',
    play: async on => {
      await on.edit(back);
      await on.look();
      await on.edit({ '1.0.0': '0.9.0' });
    },
    values: ['0.9.0'],
  },
  {
    does: 'a crash after the push, which is reverted before the restart',
    play: async on => {
      await on.dieAfterPush('1.2.0');
      await on.copy.git('revert', '--no-edit', on.ours);
      await on.copy.git('push', '--quiet');
      await on.restart();
    },
    values: ['1.1.0'],
  },
];

export const freeHistories: FreeHistory[] = [
  {
    does: 'a line that moves',
    play: on => on.edit({ 'v: 1.1.0': '# one\n# two\nv: 1.1.0' }),
    values: ['1.1.0'],
  },
  {
    does: 'a file that is renamed',
    play: async ({ copy }) => {
      await copy.git('mv', 'app.yaml', 'web.yaml');
      await copy.commit('Rename');
    },
    values: ['1.1.0'],
  },
  {
    does: 'a marker that is removed and later put back',
    play: async on => {
      await on.edit({ ' # {"$imagescan": "app:tag"}': '' });
      await on.look();
      await on.copy.write('app.yaml', tagLine('1.0.0'));
      await on.copy.commit('Watch it again');
    },
    values: ['1.1.0'],
  },
  {
    does: 'definition and value in one commit',
    play: async on => {
      const text = await on.copy.read('fleet.yaml');
      const narrow = { policy: { semver: { range: '~1.0' } } };
      const image = text.replace(/.*"image":"([^"]+)".*\n/, '$1');
      await on.copy.write('fleet.yaml', definition(image, narrow));
      await on.copy.write('app.yaml', tagLine('1.0.0'));
      await on.copy.commit('Stay at 1.0');
      await on.look();
      await on.rescan();
    },
    values: ['1.0.0'],
    next: '1.0.1',
  },
  {
    does: 'a first look at what was taken back before',
    past: [{ 'app.yaml': tagLine('1.1.0') }, { 'app.yaml': tagLine('1.0.0') }],
    play: async () => {},
    values: ['1.1.0'],
  },
  {
    does: 'a suspension and a way back in one commit, resumed later',
    play: async on => {
      const { copy } = on;
      const before = await copy.read('fleet.yaml');
      const suspended = before.replace('}]', ',"suspend":true}]');
      await copy.write('fleet.yaml', suspended);
      await copy.write('app.yaml', tagLine('1.0.0'));
      await copy.commit('Suspend and go back');
      await on.look();
      await on.writeAll();
      expect(await on.values()).toEqual(['1.0.0']);
      await copy.write('fleet.yaml', before);
      await copy.commit('Resume');
      await on.look();
      await on.rescan();
    },
    values: ['1.1.0'],
  },
  {
    does: 'a squash of the history with the same values, and a newer result meanwhile',
    play: async on => {
      await on.publish('1.2.0');
      await on.copy.git('reset', '--quiet', '--soft', 'HEAD^');
      await on.copy.git('commit', '--quiet', '--amend', '--message', 'All');
      await on.copy.git('push', '--quiet', '--force');
    },
    values: ['1.2.0'],
  },
  {
    does: 'a rebase of our commit, and a newer result meanwhile',
    play: async on => {
      const { copy, ours } = on;
      await on.publish('1.2.0');
      await copy.git('checkout', '--quiet', '-b', 'other', `${ours}^`);
      await copy.write('other.yaml', 'a: 1\n');
      await copy.git('add', 'other.yaml');
      await copy.git('commit', '--quiet', '--message', 'Before it');
      await copy.git('checkout', '--quiet', 'main');
      await copy.git('rebase', '--quiet', 'other');
      await copy.git('push', '--quiet', '--force');
    },
    values: ['1.2.0'],
  },
  {
    does: 'a way back, then forward by hand, then the next result',
    play: async on => {
      await on.edit(back);
      await on.look();
      expect((await on.scan()).decisions).toMatchObject([{ kind: 'rollback' }]);
      await on.edit({ '1.0.0': '1.1.1' });
    },
    values: ['1.1.1'],
    wasHeld: true,
  },
  {
    does: 'a crash after the push, which is read after the restart',
    play: async on => {
      await on.dieAfterPush('1.2.0');
      await on.restart();
    },
    values: ['1.2.0'],
  },
];
