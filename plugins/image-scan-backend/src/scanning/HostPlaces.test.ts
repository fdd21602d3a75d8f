import { NotAllowedError } from '@backstage/errors';
import { RegistryError } from 'backstage-plugin-image-scan-node';
import { aClaimedScan, aDefinition } from '../__testUtils__/builders';
import type { ScanClaim } from '../database/ScanQueue';
import { HostPlaces } from './HostPlaces';

let now = 0;

beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});

afterEach(() => jest.restoreAllMocks());

const claimOf = (registryHost: string): ScanClaim => ({
  token: 'token',
  listKey: 'list',
  registryHost,
  scans: [aClaimedScan(aDefinition('app'))],
});

const HOST = 'registry.example.com';

const silence = new RegistryError('timeout', 'was silent for 30 s');

/** Claims of as many hosts, under way. */
const startMany = (places: HostPlaces, count: number, name = 'silent') =>
  Array.from({ length: count }, (_, index) => {
    const claim = claimOf(`${name}-${index}.example.com`);
    places.started(claim);
    return claim;
  });

const scan = (places: HostPlaces, host: string, took = 0, error?: Error) => {
  const claim = claimOf(host);
  places.started(claim);
  now += took;
  places.ended(claim, error);
};

describe('HostPlaces', () => {
  it('tries a new host with one scan, and gives it more once it answers', () => {
    const places = new HostPlaces(new Map([['large.example.com', 8]]));
    expect(places.shares([]).placesOf('new.example.com')).toBe(1);
    const [first] = startMany(places, 1, 'new');
    expect(places.shares([first]).busyHosts).toEqual(['new-0.example.com']);

    places.ended(first);
    scan(places, 'large.example.com');
    const { placesOf } = places.shares([]);
    expect(placesOf('new-0.example.com')).toBe(16);
    expect(placesOf('large.example.com')).toBe(32);
  });

  it('takes a refusal for an answer', () => {
    const places = new HostPlaces(new Map());
    scan(places, HOST, 0, new RegistryError('not-found', 'answered 404'));
    expect(places.shares([]).placesOf(HOST)).toBe(16);
    expect(places.isPaused(HOST)).toBe(false);
  });

  it('takes nothing for an answer that happened before the host was asked', () => {
    const places = new HostPlaces(new Map());
    const notAsked = [
      new NotAllowedError('secretRef pull: not for this git repo'),
      new RegistryError('refused-address', 'the address is private'),
    ];
    for (const error of notAsked) {
      scan(places, HOST, 0, error);
      expect(places.shares([]).placesOf(HOST)).toBe(1);
    }
    scan(places, HOST, 30_000, silence);
    scan(places, HOST, 0, notAsked[0]);
    expect(places.isPaused(HOST)).toBe(true);
  });

  it('leaves a silent host alone, longer each time, until it answers', () => {
    const places = new HostPlaces(new Map());
    for (const pause of [15_000, 30_000, 60_000, 120_000, 240_000, 240_000]) {
      scan(places, HOST, 30_000, silence);
      now += pause - 1;
      expect(places.isPaused(HOST)).toBe(true);
      // What is not asked costs nothing.
      expect(places.shares([]).placesOf(HOST)).toBe(16);
      now += 1;
      expect(places.isPaused(HOST)).toBe(false);
      expect(places.shares([]).placesOf(HOST)).toBe(1);
    }
    scan(places, HOST);
    expect(places.shares([]).placesOf(HOST)).toBe(16);
    scan(places, HOST, 30_000, silence);
    now += 15_000;
    expect(places.isPaused(HOST)).toBe(false);
  });

  it('does not call a host silent that answered others meanwhile', () => {
    const places = new HostPlaces(new Map());
    const claim = claimOf(HOST);
    places.started(claim);
    now += 20_000;
    scan(places, HOST, 10);
    now += 10_000;
    places.ended(claim, silence);
    expect(places.isPaused(HOST)).toBe(false);
    expect(places.shares([]).placesOf(HOST)).toBe(16);
  });

  it('asks a host with long lists for no more than it answers at a time', () => {
    const places = new HostPlaces(new Map());
    scan(places, 'slow.example.com', 1_500);
    expect(places.shares([]).placesOf('slow.example.com')).toBe(4);

    scan(places, 'quick.example.com', 10);
    const claim = claimOf('quick.example.com');
    places.started(claim);
    expect(places.shares([claim]).placesOf('quick.example.com')).toBe(15);
    now += 1_500;
    expect(places.shares([claim]).placesOf('quick.example.com')).toBe(3);
  });

  it('keeps places for hosts that answer, however many do not', () => {
    const places = new HostPlaces(new Map());
    scan(places, 'good.example.com');
    scan(places, 'busy.example.com');
    const silent = startMany(places, 48);
    expect(places.shares(silent).onlyHosts).toBeUndefined();
    expect(places.shares(silent).most).toBe(16);

    const all = [...silent, ...startMany(places, 16, 'another')];
    expect(places.shares(all).onlyHosts).toEqual([
      'good.example.com',
      'busy.example.com',
    ]);
    const busy = Array.from({ length: 16 }, () => claimOf('busy.example.com'));
    busy.forEach(claim => places.started(claim));
    expect(places.shares([...all, ...busy]).onlyHosts).toEqual([
      'good.example.com',
    ]);
  });

  it('counts those that fall silent while they are asked', () => {
    const places = new HostPlaces(new Map());
    scan(places, 'good.example.com');
    const hosts = Array.from(
      { length: 16 },
      (_, index) => `was-good-${index}.example.com`,
    );
    hosts.forEach(host => scan(places, host));
    const claims = hosts.flatMap(host =>
      Array.from({ length: 4 }, () => claimOf(host)),
    );
    claims.forEach(claim => places.started(claim));
    expect(places.shares(claims).onlyHosts).toBeUndefined();
    now += 1_500;
    expect(places.shares(claims).onlyHosts).toEqual(['good.example.com']);
  });

  it('remembers no more hosts than it needs', () => {
    const places = new HostPlaces(new Map());
    for (let index = 0; index <= 1_000; index += 1) {
      scan(places, `host-${index}.example.com`);
    }
    const { placesOf } = places.shares([]);
    expect(placesOf('host-0.example.com')).toBe(1);
    expect(placesOf('host-1.example.com')).toBe(16);
    // It was looked at, which is no news of it.
    scan(places, 'host-1001.example.com');
    expect(placesOf('host-1.example.com')).toBe(1);
    expect(placesOf('host-2.example.com')).toBe(16);
    scan(places, 'host-2.example.com');
    scan(places, 'host-1002.example.com');
    expect(placesOf('host-2.example.com')).toBe(16);
    expect(placesOf('host-3.example.com')).toBe(1);
  });
});
