import { parseAdvertisement, parseLsRefs } from './advertisement';
import { flushPacket, packet } from './pktLine';

const REMOTE = 'https://host/repo';
const clean = (text: string) => text;
const oid = 'a'.repeat(40);
const service = [packet('# service=git-upload-pack\n'), flushPacket];

const parse = (...parts: Buffer[]) =>
  parseAdvertisement(Buffer.concat(parts), REMOTE, clean);

describe('parseAdvertisement', () => {
  it('reads protocol 0', () => {
    const advertisement = parse(
      ...service,
      packet(`${oid} HEAD\0shallow symref=HEAD:refs/heads/main agent=git/2\n`),
      packet(`${oid} refs/heads/main\n`),
      flushPacket,
    );
    expect(advertisement).toEqual({
      protocol: 0,
      capabilities: new Set([
        'shallow',
        'symref=HEAD:refs/heads/main',
        'agent=git/2',
      ]),
      headTarget: 'refs/heads/main',
      refs: new Map([
        ['HEAD', oid],
        ['refs/heads/main', oid],
      ]),
    });
  });

  it('reads protocol 2, with and without the name of the service', () => {
    const lines = [packet('version 2\n'), packet('ls-refs\n'), flushPacket];
    for (const parts of [lines, [...service, ...lines]]) {
      expect(parse(...parts)).toEqual({
        protocol: 2,
        capabilities: new Set(['ls-refs']),
        refs: new Map(),
      });
    }
  });

  it('tells an empty repository from an answer that was cut short', () => {
    expect(parse(...service, flushPacket).refs.size).toBe(0);
    expect(
      parse(
        ...service,
        packet(`${'0'.repeat(40)} capabilities^{}\0report-status\n`),
        flushPacket,
      ),
    ).toMatchObject({
      refs: new Map(),
      capabilities: new Set(['report-status']),
    });
    expect(() => parse(...service)).toThrow('broke off');
    expect(() => parse(service[0])).toThrow('broke off');
    expect(() => parse()).toThrow('broke off');
    expect(() => parse(...service, packet(`${oid} HEAD\0\n`))).toThrow(
      'broke off',
    );
    expect(() => parse(Buffer.from('00'))).toThrow('broke off');
  });

  it('refuses what it cannot read', () => {
    expect(() => parse(Buffer.from('<html>'))).toThrow("not git's protocol");
    expect(() => parse(packet('ERR no such thing\n'))).toThrow(
      `${REMOTE} failed: no such thing`,
    );
    expect(() =>
      parse(packet('version 2'), packet('object-format=sha256'), flushPacket),
    ).toThrow('SHA-256');
    expect(() =>
      parse(packet(`${'b'.repeat(64)} HEAD\0shallow`), flushPacket),
    ).toThrow('SHA-256');
    expect(() => parse(packet('nonsense HEAD\0'), flushPacket)).toThrow(
      "not git's protocol",
    );
  });
});

describe('parseLsRefs', () => {
  it('reads names and what HEAD stands for', () => {
    const answer = Buffer.concat([
      packet(`${oid} HEAD symref-target:refs/heads/main\n`),
      packet(`${oid} refs/heads/main\n`),
      flushPacket,
    ]);
    expect(parseLsRefs(answer, REMOTE, clean)).toEqual({
      headTarget: 'refs/heads/main',
      refs: new Map([
        ['HEAD', oid],
        ['refs/heads/main', oid],
      ]),
    });
    expect(() => parseLsRefs(answer.subarray(0, -4), REMOTE, clean)).toThrow(
      'broke off',
    );
  });
});
