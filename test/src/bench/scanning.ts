import assert from 'node:assert';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { text } from 'node:stream/consumers';
import { selectTag } from 'backstage-plugin-image-scan-common';
import { HttpRegistryClient } from 'backstage-plugin-image-scan-node';
import { CountingProxy } from '../servers/CountingProxy';
import { DockerRegistry, findDockerRegistry } from '../servers/DockerRegistry';
import { findProgram } from '../servers/findProgram';
import type { Bench, BenchOptions, BenchResult } from './Bench';
import { growthResult } from './growth';
import { compare, formatTime, measureAlone, medianOf } from './measure';

/** At most so many times the time of skopeo, by number of tags. */
const scanTargets = new Map([
  [1_000, 0.25],
  [10_000, 0.5],
]);

const policy = { semver: { range: '>=1' } };

const run = promisify(execFile);

/** One image with many tags at a real registry. */
interface ManyTags {
  image: string;
  host: string;
  tags: readonly string[];
  /** What every tag points to. */
  digest: string;
  /** What the policy chooses. */
  newest: string;
}

/** Reading a registry and choosing, one image at a time. */
export const scanning: Bench = {
  name: 'scanning',
  async run(options) {
    if (!findDockerRegistry()) {
      return [
        {
          path: 'one scan',
          figure: '',
          peer: 'left out: docker-registry is not installed',
        },
      ];
    }
    const registry = await DockerRegistry.start();
    try {
      const sizes = options.short ? [10, 100] : [100, 1_000, 10_000];
      const images: ManyTags[] = [];
      for (const size of sizes) {
        images.push(await pushManyTags(registry, size));
      }
      const scans: BenchResult[] = [];
      const lists: BenchResult[] = [];
      for (const image of images) {
        await checkScan(image);
        scans.push(await besideSkopeo(image, options));
        lists.push(await besideRawRequest(image, options));
      }
      return [
        ...scans,
        await growth(images, options),
        ...lists,
        ...chooseAmongMany(options),
        await countConnections(options),
      ];
    } finally {
      await registry.stop();
    }
  },
};

async function pushManyTags(
  registry: DockerRegistry,
  size: number,
): Promise<ManyTags> {
  const tags = Array.from(
    { length: size },
    (_, index) => `1.${index % 10}.${index}`,
  );
  const repository = `team/app-${size}`;
  const digest = await registry.pushTags(repository, tags.slice(0, 1));
  await registry.linkTags(repository, tags.slice(1), digest);
  return {
    image: `${registry.host}/${repository}`,
    host: registry.host,
    tags,
    digest,
    newest: tags[tags.length - 1],
  };
}

function clientOf({ host }: ManyTags): HttpRegistryClient {
  return new HttpRegistryClient({ hosts: [{ host, insecure: true }] });
}

async function listAndChoose(
  client: HttpRegistryClient,
  image: string,
): Promise<string> {
  const { selected } = selectTag(policy, await client.listTags(image));
  assert.ok(selected);
  return selected;
}

/** What the backend does for a scan, without its database. */
async function scan(
  client: HttpRegistryClient,
  image: string,
): Promise<{ tag: string; digest: string }> {
  const tag = await listAndChoose(client, image);
  return { tag, digest: await client.resolveDigest(image, tag) };
}

/** The same with skopeo, which lists and inspects in two runs. */
async function scanWithSkopeo(
  skopeo: string,
  { image }: ManyTags,
  tag: string,
): Promise<{ tags: string[]; digest: string }> {
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const listed = await run(
    skopeo,
    ['list-tags', '--tls-verify=false', `docker://${image}`],
    options,
  );
  const inspected = await run(
    skopeo,
    ['inspect', '--no-tags', '--tls-verify=false', `docker://${image}:${tag}`],
    options,
  );
  return {
    tags: JSON.parse(listed.stdout).Tags,
    digest: JSON.parse(inspected.stdout).Digest,
  };
}

async function checkScan(image: ManyTags): Promise<void> {
  const client = clientOf(image);
  try {
    const { newest: tag, digest, tags } = image;
    assert.deepStrictEqual(await scan(client, image.image), { tag, digest });
    const listed = await client.listTags(image.image);
    assert.deepStrictEqual(listed.sort(), [...tags].sort());
    const skopeo = findProgram('skopeo');
    if (skopeo) {
      const seen = await scanWithSkopeo(skopeo, image, tag);
      assert.strictEqual(seen.digest, digest);
      assert.deepStrictEqual(seen.tags.sort(), listed);
    }
  } finally {
    client.close();
  }
}

async function besideSkopeo(
  image: ManyTags,
  options: BenchOptions,
): Promise<BenchResult> {
  const skopeo = findProgram('skopeo');
  const client = clientOf(image);
  try {
    return await compare(
      {
        path: `one scan: list, choose, digest of ${image.tags.length} tags`,
        ours: { run: () => scan(client, image.image) },
        peer: skopeo
          ? '`skopeo list-tags` and `skopeo inspect`'
          : 'skopeo is not installed',
        theirs: skopeo
          ? { run: () => scanWithSkopeo(skopeo, image, image.newest) }
          : undefined,
        atMost: scanTargets.get(image.tags.length),
      },
      options,
    );
  } finally {
    client.close();
  }
}

/** What the least possible program does, with a connection of its own as well. */
async function listRaw(image: ManyTags): Promise<string[]> {
  const path = image.image.slice(image.host.length);
  const request = get(`http://${image.host}/v2${path}/tags/list`);
  const [response]: IncomingMessage[] = await once(request, 'response');
  const { tags }: { tags: string[] } = JSON.parse(await text(response));
  return tags;
}

async function besideRawRequest(
  image: ManyTags,
  options: BenchOptions,
): Promise<BenchResult> {
  assert.strictEqual((await listRaw(image)).length, image.tags.length);
  let client = clientOf(image);
  const result = await compare(
    {
      path: `list and choose of ${image.tags.length} tags`,
      ours: {
        prepare: () => {
          client.close();
          client = clientOf(image);
        },
        run: () => listAndChoose(client, image.image),
      },
      peer: '`http.get` and `JSON.parse`',
      theirs: { run: () => listRaw(image) },
      atMost: image.tags.length === 10_000 ? 2 : undefined,
    },
    // Short enough to be repeated more often than the others.
    { ...options, rounds: options.rounds * 3 },
  );
  client.close();
  return result;
}

/** How the time of a scan grows with the tags: linear is at most the factor. */
async function growth(
  images: readonly ManyTags[],
  { rounds }: BenchOptions,
): Promise<BenchResult> {
  const times: number[] = [];
  for (const image of images) {
    const client = clientOf(image);
    const way = { run: () => scan(client, image.image) };
    times.push(await measureAlone(way, rounds));
    client.close();
  }
  const sizes = images.map(({ tags }) => tags.length);
  return growthResult({
    path: `one scan of ${sizes.join(', ')} tags`,
    sizes,
    values: times,
    atMost: 1.1,
  });
}

/** How long the public function blocks; a scan in the backend pauses meanwhile. */
function chooseAmongMany({ short, rounds }: BenchOptions): BenchResult[] {
  const count = short ? 1_000 : 100_000;
  const numbers = Array.from({ length: count }, (_, index) => index);
  const lists = [
    {
      what: 'versions',
      range: '*',
      tags: numbers.map(index => `${index % 7}.${index % 97}.${index}`),
    },
    {
      what: 'pre-releases with 17 digits',
      range: '>=0-0',
      tags: numbers.map(index => `1.0.0-${10 ** 16 + index * 8}`),
    },
    {
      what: 'pre-releases that the range leaves out',
      range: '*',
      tags: numbers.map(index => `1.0.0-${'a.'.repeat(50)}${10 ** 16 + index}`),
    },
  ];
  return lists.map(({ what, range, tags: made }) => {
    // As they come from a registry.
    const tags: string[] = JSON.parse(JSON.stringify(made));
    const choose = () => selectTag({ semver: { range } }, tags);
    const expected = what === lists[2].what ? undefined : newestOf(tags);
    assert.strictEqual(choose().selected, expected);
    const times = Array.from({ length: rounds * 3 }, () => {
      const start = performance.now();
      choose();
      return performance.now() - start;
    });
    const median = medianOf(times);
    return {
      path: `choose among ${count} ${what}`,
      figure: formatTime(median),
      target: 'at most 50 ms',
      met: median <= 50,
    };
  });
}

/** The slow and simple way. */
function newestOf(tags: readonly string[]): string {
  return tags.reduce((best, tag) =>
    best.localeCompare(tag, 'en', { numeric: true }) < 0 ? tag : best,
  );
}

async function countConnections(options: BenchOptions): Promise<BenchResult> {
  const count = options.short ? 10 : 50;
  const registry = await DockerRegistry.start({ tls: true });
  const proxy = await CountingProxy.start(registry.host);
  const client = new HttpRegistryClient({
    hosts: [{ host: proxy.host, ca: registry.ca }],
  });
  try {
    const tags = Array.from({ length: count }, (_, index) => `1.0.${index}`);
    const digest = await registry.pushTags('team/app', tags);
    const image = `${proxy.host}/team/app`;
    for (const tag of tags) {
      assert.strictEqual(await client.resolveDigest(image, tag), digest);
    }
    const { connectionCount } = proxy;
    await Promise.all(tags.map(tag => client.resolveDigest(image, tag)));
    return {
      path: `${count} digests from one TLS host, one after another`,
      figure: connections(connectionCount),
      peer: 'all at once, with 4 requests at the same time',
      peerFigure: connections(proxy.connectionCount),
      target: 'at most 2',
      met: connectionCount <= 2,
    };
  } finally {
    client.close();
    await proxy.stop();
    await registry.stop();
  }
}

function connections(count: number): string {
  return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}
