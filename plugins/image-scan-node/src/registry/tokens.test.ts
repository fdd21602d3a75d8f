import { parseChallenges } from './challenge';
import { parseImageReference } from './imageReference';
import { fetchToken } from './tokens';

const HOUR = 3_600_000;

it.each([
  [1, 60_000],
  [300, 300_000],
  [23 * 3600, 23 * HOUR],
  [24 * 3600, 24 * HOUR],
  [25 * 3600, 24 * HOUR],
  [1e12, 24 * HOUR],
])('a token that serves for %d s is kept for %d ms', async (seconds, time) => {
  const [challenge] = parseChallenges('Bearer realm="https://auth.example/"');
  const token = await fetchToken(
    {
      image: parseImageReference('r.io/org/app'),
      registry: new URL('https://r.io/'),
      challenge,
      repositories: ['org/app'],
    },
    async () => ({
      status: 200,
      body: Buffer.from(JSON.stringify({ token: 't', expires_in: seconds })),
    }),
  );
  expect(token).toEqual({ header: 'Bearer t', lifetime: time });
});
