import { Authorizer } from './Authorizer';

describe('Authorizer', () => {
  afterEach(() => jest.restoreAllMocks());

  const never = new AbortController().signal;
  const keep = (authorizer: Authorizer, key: string, lifetime: number) =>
    authorizer.renew(key, undefined, never, async () => ({
      header: `Bearer ${key}`,
      lifetime,
    }));

  it('keeps a header for its time less ten seconds', async () => {
    let now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const authorizer = new Authorizer();
    await keep(authorizer, 'minute', 60_000);
    await keep(authorizer, 'ever', Infinity);
    now += 49_999;
    expect(authorizer.current('minute')).toBe('Bearer minute');
    now += 2;
    expect(authorizer.current('minute')).toBeUndefined();
    now += 365 * 24 * 3_600_000;
    expect(authorizer.current('ever')).toBe('Bearer ever');
    authorizer.forget('ever');
    expect(authorizer.current('ever')).toBeUndefined();
  });

  it('keeps a thousand, those used last', async () => {
    const authorizer = new Authorizer();
    for (let index = 0; index < 1000; index++) {
      await keep(authorizer, `k${index}`, Infinity);
    }
    authorizer.current('k0');
    await keep(authorizer, 'new', Infinity);
    expect(authorizer.current('k0')).toBe('Bearer k0');
    expect(authorizer.current('k1')).toBeUndefined();
    expect(authorizer.current('new')).toBe('Bearer new');
  });
});
