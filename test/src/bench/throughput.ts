import { DockerRegistry, findDockerRegistry } from '../servers/DockerRegistry';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import type { Bench, BenchOptions, BenchResult } from './Bench';
import { growthResult } from './growth';
import { medianOf } from './measure';
import { scanBarely } from './bareRequests';
import { findWrk, Hammer } from './Hammer';
import { CONCURRENCY, ScanBackend } from './ScanBackend';

const REGISTRIES = 4;

/** Of each image. */
const TAGS = Array.from({ length: 100 }, (_, minor) => `1.${minor}.0`);
const NEWEST = '1.99.0';

/** The whole backend at work: due scans from its database, registries, results. */
export const throughput: Bench = {
  name: 'throughput',
  async run(options) {
    const together = await countSharedRequests(options);
    if (!findDockerRegistry()) {
      return [
        {
          path: 'scans over 4 registries',
          figure: '',
          peer: 'left out: docker-registry is not installed',
        },
        together,
      ];
    }
    const sizes = options.short ? [40, 80] : [100, 1_000, 10_000];
    const timed: TimedScans[] = [];
    for (const scans of sizes) {
      timed.push(await timeScans(scans, options));
    }
    return [
      ...timed.flatMap(({ results }) => results),
      growthResult({
        path: `${sizes.join(', ')} due scans over ${REGISTRIES} registries`,
        sizes,
        values: timed.map(({ time }) => time),
        atMost: 1.1,
      }),
      together,
    ];
  },
};

interface TimedScans {
  results: BenchResult[];
  /** From the first claim to the last result, in milliseconds. */
  time: number;
}

async function timeScans(
  scans: number,
  options: BenchOptions,
): Promise<TimedScans> {
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const registries: DockerRegistry[] = [];
    for (let count = 0; count < REGISTRIES; count += 1) {
      const registry = await DockerRegistry.start();
      stops.push(() => registry.stop());
      registries.push(registry);
    }
    const repositories = Array.from(
      { length: scans / REGISTRIES },
      (_, index) => `app-${index}`,
    );
    let digest = '';
    for (const registry of registries) {
      digest = await pushEverywhere(registry, repositories);
    }
    const hosts = registries.map(({ host }) => host);
    const backend = await ScanBackend.start(
      hosts.flatMap(host => repositories.map(name => `${host}/${name}`)),
      hosts,
    );
    stops.push(() => backend.stop());
    await backend.checkResults(NEWEST, digest);

    const hammer = findWrk() ? new Hammer(hosts, repositories) : undefined;
    const rates: number[] = [];
    const bareRates: number[] = [];
    const wrkRates: number[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      rates.push(scans / (await backend.scanAll()));
      bareRates.push(
        await scanBarely({
          hosts,
          repositories,
          tag: NEWEST,
          concurrency: CONCURRENCY,
        }),
      );
      if (hammer) {
        wrkRates.push(
          await hammer.scansPerSecond({
            tag: NEWEST,
            connections: CONCURRENCY,
            seconds: options.short ? 1 : 2,
          }),
        );
      }
    }
    await backend.checkResults(NEWEST, digest);
    const besideWrk = hammer
      ? {
          peer: '`wrk`, the same requests and concurrency',
          theirRates: wrkRates,
        }
      : { peer: 'wrk is not installed' };
    const atLeast = scans === 1_000 ? 0.7 : undefined;
    const path = `${scans} due scans over ${REGISTRIES} registries`;
    const results = [
      besideRate({ path, rates, ...besideWrk, atLeast }),
      besideRate({
        path: `${path}, again`,
        rates,
        peer: '`http.request` and `JSON.parse`, nothing stored',
        theirRates: bareRates,
      }),
      besideRate({
        path: `their requests alone, in one Node.js process`,
        rates: bareRates,
        ...besideWrk,
      }),
    ];
    return { results, time: (scans / medianOf(rates)) * 1_000 };
  } finally {
    for (const stop of stops.reverse()) {
      await stop();
    }
  }
}

function besideRate(options: {
  path: string;
  /** Scans per second. */
  rates: readonly number[];
  peer: string;
  theirRates?: readonly number[];
  atLeast?: number;
}): BenchResult {
  const { path, rates, peer, theirRates, atLeast } = options;
  const rate = medianOf(rates);
  const target = atLeast === undefined ? undefined : `at least ${atLeast} ×`;
  const result = { path, figure: `${rate.toFixed(0)} scans/s`, peer, target };
  if (!theirRates) {
    return result;
  }
  const theirRate = medianOf(theirRates);
  const ratio = rate / theirRate;
  return {
    ...result,
    peerFigure: `${theirRate.toFixed(0)} scans/s`,
    ratio,
    met: atLeast === undefined ? undefined : ratio >= atLeast,
  };
}

async function pushEverywhere(
  registry: DockerRegistry,
  [first, ...others]: readonly string[],
): Promise<string> {
  const digest = await registry.pushTags(first, TAGS.slice(0, 1));
  await registry.linkTags(first, TAGS.slice(1), digest);
  for (const name of others) {
    await registry.linkRepository(name, first);
  }
  return digest;
}

/** Scans of one image with one credential, all due at once. */
async function countSharedRequests({
  short,
}: BenchOptions): Promise<BenchResult> {
  const count = short ? 10 : 50;
  const registry = await MemoryRegistry.start();
  registry.pushTags('app', TAGS);
  const image = `${registry.host}/app`;
  const backend = await ScanBackend.start(
    Array.from({ length: count }, () => image),
    [registry.host],
  );
  try {
    const before = registry.requestCount;
    await backend.scanAll();
    const requests = registry.requestCount - before;
    await backend.checkResults(NEWEST, registry.push('app', NEWEST));
    return {
      path: `${count} due scans of one image and credential`,
      figure: `${requests} requests`,
      target: 'one list and one digest',
      met: requests === 2,
    };
  } finally {
    await backend.stop();
    await registry.stop();
  }
}
