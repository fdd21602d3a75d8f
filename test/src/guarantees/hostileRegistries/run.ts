// Tests of rows that several files share.
/* eslint-disable jest/no-export */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { HttpRegistryClient } from 'backstage-plugin-image-scan-node';
import { RegistryError } from 'backstage-plugin-image-scan-node';
import { startWatch } from '../../integration/stopwatch';
import { MisbehavingRegistry } from '../../servers/MisbehavingRegistry';
import {
  basicHeader,
  BEARER_TOKEN,
  clientFor,
  REFRESH_TOKEN,
  REGISTRY_TOKEN,
  REPOSITORY,
  secrets,
  startHosts,
  stopHosts,
  textOf,
} from './case';
import type { HostileCase, Hosts } from './case';

/** Everything that could be garbage is collected, so that growth means something. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/**
 * The most memory that was in use until it is stopped, in MiB over the start.
 *
 * @param exact - whether garbage of before must not hide what is new
 */
function watchMemory(exact: boolean): () => number {
  const used = () => {
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 / 1024;
  };
  if (exact) {
    collectGarbage();
  }
  const before = used();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, used());
  }, 10);
  return () => {
    clearInterval(timer);
    return Math.max(most, used()) - before;
  };
}

/** Asks once and checks what comes of it; answers what could be seen of an error. */
async function ask(
  client: HttpRegistryClient,
  hosts: Hosts,
  hostile: HostileCase,
): Promise<string> {
  const { ask: what = 'tags', credentials } = hostile;
  const outcome = hostile.outcome(hosts);
  const image = `${hosts.registry.host}/${REPOSITORY}`;
  const asked =
    what === 'digest'
      ? client.resolveDigest(image, 'v1', { credentials })
      : client.listTags(image, { credentials });
  const got = await asked.then(
    result => ({ result }),
    error => ({ error }),
  );
  if ('error' in got) {
    const { error } = got;
    expect(error).toBeInstanceOf(RegistryError);
    expect('error' in outcome ? 'an error' : outcome).toBe('an error');
    if ('error' in outcome) {
      expect(error.message).toMatch(outcome.message);
      expect(error).toMatchObject({
        category: outcome.error,
        status: outcome.status,
        ...('retryAfter' in outcome ? { retryAfter: outcome.retryAfter } : {}),
      });
    }
    expect(error.message.startsWith(`${image}: `)).toBe(true);
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(error.message.length).toBeLessThan(3000);
    return textOf(error);
  }
  const { result } = got;
  if (typeof result === 'string') {
    expect({ digest: result }).toEqual(outcome);
  } else {
    expect(result.filter(tag => !/^\w[\w.-]{0,127}$/.test(tag))).toEqual([]);
    const counted = 'tags' in outcome && typeof outcome.tags === 'number';
    expect({ tags: counted ? result.length : result }).toEqual(outcome);
  }
  return '';
}

/** No host may have seen what is not for it. */
function checkSecrets(hosts: Hosts, shown: string): void {
  const { registry, tokens, stranger, forbidden } = hosts;
  expect(forbidden.connections).toBe(0);
  const seenBy = (server: MisbehavingRegistry) =>
    [...secrets, basicHeader].filter(secret =>
      server.received.includes(secret),
    );
  expect(seenBy(stranger)).toEqual([]);
  expect(stranger.received).not.toMatch(/^authorization:/im);
  expect(seenBy(tokens)).not.toContain(BEARER_TOKEN);
  expect(seenBy(tokens)).not.toContain(REGISTRY_TOKEN);
  expect(seenBy(registry)).not.toContain(REFRESH_TOKEN);
  for (const secret of secrets) {
    expect(shown).not.toContain(secret);
  }
}

/** Runs rows of the table, each with servers and a client of its own. */
export function testHostileCases(cases: readonly HostileCase[]): void {
  let good: MisbehavingRegistry;
  let hosts: Hosts | undefined;
  let client: HttpRegistryClient | undefined;

  beforeAll(async () => {
    process.env.NO_PROXY = '*';
    good = await MisbehavingRegistry.start(exchange =>
      exchange.json({ tags: ['good'] }),
    );
  });

  afterEach(async () => {
    client?.close();
    await (hosts && stopHosts(hosts));
    hosts = undefined;
  });

  afterAll(() => good.stop());

  it.each(cases.map(row => [row.number, row.name, row] as const))(
    '%i: %s',
    async (_number, _name, row) => {
      hosts = await startHosts(row);
      const log: string[] = [];
      client = clientFor(hosts, {
        limits: row.limits,
        log,
        more: [{ host: good.host, insecure: true }],
      });
      const { times = 1, seconds = 20, mebibytes = 256 } = row;
      const memory = watchMemory(row.mebibytes !== undefined);
      const watch = startWatch();
      let shown = '';
      for (let time = 0; time < times; time++) {
        shown += await ask(client, hosts, row);
      }
      const took = watch();
      const grown = memory();

      const { registry, tokens, stranger } = hosts;
      const asked = [registry, tokens, stranger];
      const requests = asked.reduce((sum, s) => sum + s.requests.length, 0);
      expect(requests).toBeGreaterThan(0);
      expect(requests).toBeLessThanOrEqual(row.requests);
      expect(took).toBeLessThan(seconds * 1000);
      expect(grown).toBeLessThan(mebibytes);
      checkSecrets(hosts, shown + log.join('\n'));
      row.check?.(hosts);

      // Nobody else suffers, now or afterwards.
      const others = await client.listTags(`${good.host}/${REPOSITORY}`);
      expect(others).toEqual(['good']);
    },
  );
}
