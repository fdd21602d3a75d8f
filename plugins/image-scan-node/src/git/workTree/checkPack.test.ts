import { takePack } from './checkPack';

const pkt = (data: Buffer) =>
  Buffer.concat([
    Buffer.from((data.length + 4).toString(16).padStart(4, '0')),
    data,
  ]);
const band = (number: number, data: Buffer) =>
  pkt(Buffer.concat([Buffer.from([number]), data]));
const PACK = Buffer.from(
  Array.from({ length: 200_000 }, (_, index) => index % 251),
);

describe('takePack', () => {
  const start = [pkt(Buffer.from('shallow 1\n')), pkt(Buffer.from('NAK\n'))];
  const parts = [
    PACK.subarray(0, 10),
    PACK.subarray(10, 60_000),
    PACK.subarray(60_000, 120_000),
    PACK.subarray(120_000, 180_000),
    PACK.subarray(180_000),
  ];

  it('moves together what is on the band, and leaves out what is shown to people', () => {
    const answer = Buffer.concat([
      ...start,
      ...parts.flatMap(part => [band(2, Buffer.from('50 %')), band(1, part)]),
      Buffer.from('0000'),
    ]);
    const { lines, pack } = takePack(answer, 'remote');
    expect(lines.map(String)).toEqual(['shallow 1\n', 'NAK\n']);
    expect(pack.equals(PACK)).toBe(true);
  });

  it('takes a pack without bands, and none', () => {
    const plain = Buffer.concat([start[1], Buffer.from('PACK…')]);
    expect(takePack(plain, 'remote').pack.toString()).toBe('PACK…');
    expect(takePack(Buffer.concat(start), 'remote').pack).toHaveLength(0);
  });
});
