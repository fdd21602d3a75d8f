import type { Entity } from '@backstage/catalog-model';
import type { JsonObject } from '@backstage/types';
import type { Decision, ImageScan } from 'backstage-plugin-image-scan-common';
import { GitServer } from '../../servers/GitServer';
import { MemoryRegistry } from '../../servers/MemoryRegistry';
import { PermissionsBackend } from './backend';
import { NAMED, OWNERS, VISIBLE } from './policy';
import { callers, type Target } from './table';

/** What a call says about its target. */
interface Sent {
  name: string;
  id: string;
  entity: string;
}

/** A git repo with an image scan, on servers of its own. */
interface Place {
  name: string;
  /** Every name in it begins with this word. */
  word: string;
  branch: string;
  git: GitServer;
  registry: MemoryRegistry;
}

const credentials = { username: 'git', password: 'a-git-password' };

/** Two git repos with everything that could leak of them, and a backend for both. */
export class PermissionsScene {
  readonly backend: PermissionsBackend;
  readonly #places: readonly [Place, Place];
  readonly #scans: readonly [ImageScan, ImageScan];

  private constructor(
    backend: PermissionsBackend,
    places: readonly [Place, Place],
    scans: readonly [ImageScan, ImageScan],
  ) {
    this.backend = backend;
    this.#places = places;
    this.#scans = scans;
  }

  static async start(): Promise<PermissionsScene> {
    const places: [Place, Place] = [
      await startPlace(NAMED, 'market', 'main'),
      await startPlace('vault-plan', 'vault', 'vault-branch'),
    ];
    const [shop, vault] = places;
    const backend = await PermissionsBackend.start({
      callers,
      entities: entities(vault.git.url('vault-remote').replace(/\.git$/, '')),
      imageScan: {
        gitRepos: places.map(gitRepoOf),
        secrets: [{ name: 'git-write', ...credentials }],
        registries: places.map(({ registry }) => ({
          host: registry.host,
          insecure: true,
        })),
      },
    });
    const scans: [ImageScan, ImageScan] = [
      await firstUpdate(backend, shop),
      await firstUpdate(backend, vault),
    ];
    for (const [index, { id }] of scans.entries()) {
      await holdAndRelease(backend, id, `${places[index].word}-reason`);
    }
    const scene = new PermissionsScene(backend, places, scans);
    await scene.release('9.8.7');
    return scene;
  }

  async stop(): Promise<void> {
    await this.backend.stop();
    for (const { git, registry } of this.#places) {
      await git.stop();
      await registry.stop();
    }
  }

  /** Puts a newer tag into both registries, so that there is something to write. */
  async release(tag: string): Promise<void> {
    for (const [index, { registry, word }] of this.#places.entries()) {
      registry.push(`${word}-image`, tag);
      const scan = `POST /image-scans/${this.#scans[index].id}/scan`;
      const { text } = await this.backend.call('service', scan);
      const { state, latestTag }: ImageScan = JSON.parse(text);
      if (state !== 'update-available' || latestTag !== tag) {
        throw new Error(`Nothing to write: ${text}`);
      }
    }
  }

  /** What the servers would show if anything had been written or asked for. */
  async traces(): Promise<unknown> {
    return Promise.all(
      this.#places.map(async ({ git, registry, word }) => ({
        head: await git.run(`${word}-remote`, 'rev-parse', 'HEAD'),
        gitRequests: git.requests.length,
        registryRequests: registry.requestCount,
      })),
    );
  }

  async heads(): Promise<string[]> {
    return Promise.all(
      this.#places.map(({ git, word }) =>
        git.run(`${word}-remote`, 'rev-parse', 'HEAD'),
      ),
    );
  }

  /** What a call about a target says. */
  sent(target: Target): Sent {
    const [shop, vault] = this.#scans;
    const entity = (name: string) => `component:default/${name}`;
    switch (target) {
      case 'shop':
        return { name: NAMED, id: shop.id, entity: entity('market-site') };
      case 'vault':
        return { name: 'vault-plan', id: vault.id, entity: entity('vault-x') };
      case 'closed':
        return { name: NAMED, id: shop.id, entity: entity('closed-site') };
      case 'window':
        return { name: 'vault-plan', id: vault.id, entity: entity('window') };
      default:
        return {
          name: 'nowhere',
          id: 'no-such-scan',
          entity: entity('nowhere'),
        };
    }
  }

  /** Whatever only those may learn who may read a git repo. */
  secretsOf(target: 'shop' | 'vault'): (string | RegExp)[] {
    const index = target === 'shop' ? 0 : 1;
    const { git, registry, word } = this.#places[index];
    const { id, latestDigest = '' } = this.#scans[index];
    return [
      new RegExp(word, 'i'),
      git.host,
      registry.host,
      id,
      latestDigest,
      latestDigest.slice(7, 19),
    ];
  }
}

async function startPlace(
  name: string,
  word: string,
  branch: string,
): Promise<Place> {
  const registry = await MemoryRegistry.start();
  const git = await GitServer.start({ credentials });
  const image = `${registry.host}/${word}-image`;
  registry.push(`${word}-image`, '1.1.0');
  await git.createRepository(
    `${word}-remote`,
    {
      [`${word}-folder/fleet.yaml`]: JSON.stringify({
        imageScans: [{ tagName: `${word}-tag`, image, interval: '10h' }],
      }),
      [`${word}-folder/${word}-file.yaml`]: [
        `image: ${image}:1.0.0 # {"$imagescan": "${word}-tag"}`,
        `other: x # {"$imagescan": "${word}-unknown"}`,
        '',
      ].join('\n'),
    },
    { branch },
  );
  return { name, word, branch, git, registry };
}

function gitRepoOf({ name, word, branch, git }: Place): JsonObject {
  return {
    metadata: { name },
    spec: {
      repo: git.url(`${word}-remote`),
      branch,
      paths: [`${word}-folder`],
      imageScanInterval: '10h',
      clientSecretName: 'git-write',
      imageScanCommit: {
        authorName: `${word}-author`,
        messageTemplate: `${word}-message`,
      },
      // Only what the table asks for is written.
      paused: true,
    },
  };
}

/** Reads, scans and writes, so that there is a history to leak. */
/** Leaves a decision to be listed that holds nothing any more. */
async function holdAndRelease(
  backend: PermissionsBackend,
  imageScanId: string,
  reason: string,
): Promise<void> {
  const body = JSON.stringify({ kind: 'hold', imageScanId, reason });
  const made = await backend.call('service', `POST /decisions ${body}`);
  const { id }: Decision = JSON.parse(made.text);
  await backend.call('service', `POST /decisions/${id}/release {}`);
}

async function firstUpdate(
  backend: PermissionsBackend,
  { name, word }: Place,
): Promise<ImageScan> {
  const call = async (text: string) => {
    const answer = await backend.call('service', text);
    if (answer.status !== 200) {
      throw new Error(`${text}: ${answer.status} ${answer.text}`);
    }
    return answer.text;
  };
  await call(`POST /git-repos/${name}/sync`);
  const list: { items: ImageScan[] } = JSON.parse(
    await call(`GET /image-scans?gitRepo=${name}`),
  );
  const [{ id }] = list.items;
  await call(`POST /image-scans/${id}/scan`);
  const update: { commit?: string } = JSON.parse(
    await call(`POST /git-repos/${name}/update {"message":"${word}-first"}`),
  );
  if (!update.commit) {
    throw new Error(`Nothing was written to ${name}`);
  }
  return JSON.parse(await call(`GET /image-scans/${id}`));
}

function entities(vaultUrl: string): Entity[] {
  const component = (
    name: string,
    annotations: Record<string, string>,
    isVisible: boolean,
    owner: string,
  ): Entity => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      annotations,
      ...(isVisible && { labels: { [VISIBLE]: 'yes' } }),
    },
    spec: { type: 'service', lifecycle: 'production', owner },
  });
  const template = (name: string, action: string): Entity => ({
    apiVersion: 'scaffolder.backstage.io/v1beta3',
    kind: 'Template',
    metadata: { name, labels: { [VISIBLE]: 'yes' } },
    spec: {
      type: 'service',
      parameters: [],
      steps: [
        {
          id: 'step',
          name: 'step',
          action,
          input: { gitRepo: '${{ parameters.gitRepo }}' },
        },
      ],
    },
  });
  const other = 'group:default/others';
  return [
    component('market-site', { 'image-scan/git-repo': NAMED }, true, OWNERS),
    component('closed-site', { 'image-scan/git-repo': NAMED }, false, other),
    component('vault-x', { 'image-scan/git-repo': 'vault-plan' }, false, other),
    component(
      'window',
      {
        'backstage.io/source-location': `url:${vaultUrl}/src/branch/vault-branch/vault-folder/`,
      },
      true,
      other,
    ),
    template('update', 'image-scan:update'),
    template('rewrite', 'image-scan:rewrite'),
  ];
}
