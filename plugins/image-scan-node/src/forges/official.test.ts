import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createHttpTransport } from '../http';
import { DIALECTS } from './__testUtils__/dialects';
import { FakeForge } from './__testUtils__/FakeForge';
import { OfficialApi } from './__testUtils__/OfficialApi';
import type { OfficialApiOptions } from './__testUtils__/OfficialApi';
import { createForge, ForgePauses } from '.';
import type { Forge } from '.';

// The forges' own descriptions of their APIs, which have licences of their own and so
// are not part of this project.
const descriptions = resolve(__dirname, '../../../../../shared/forges');

interface Described extends Omit<OfficialApiOptions, 'api'> {
  type: string;
  file: string;
  /** What the description leaves out: paths from their end on. */
  undescribed?: RegExp;
}

const ALL: readonly Described[] = [
  { type: 'github', file: 'github.json', undescribed: /\/graphql$/ },
  { type: 'github', file: 'github-ghes-3.17.json', undescribed: /\/graphql$/ },
  { type: 'gitea', file: 'gitea-1.22.json' },
  { type: 'gitea', file: 'forgejo-16.json' },
  {
    type: 'bitbucketCloud',
    file: 'bitbucket-cloud.json',
    // For all lists of the API on a page of its own.
    moreQuery: ['q', 'sort', 'pagelen'],
    // The text of the description has it, its schema not; and `type`, the other way.
    moreFields: ['description'],
    optional: ['type'],
  },
  {
    type: 'bitbucketServer',
    file: 'bitbucket-server-9.2.json',
    described: '/api/latest',
    undescribed: /\/auto-merge$/,
  },
  { type: 'azure', file: 'azure-git-7.1.json', listKey: 'value' },
];

const isThere = existsSync(descriptions);
if (!isThere) {
  // eslint-disable-next-line no-console
  console.warn(
    `LEFT OUT: requests against the descriptions of the forges, as ${descriptions} is missing`,
  );
}

const noProxy = process.env.NO_PROXY;

beforeAll(() => {
  process.env.NO_PROXY = '*';
});

afterAll(() => {
  if (noProxy === undefined) {
    delete process.env.NO_PROXY;
  } else {
    process.env.NO_PROXY = noProxy;
  }
});

/** Everything that a forge can do, once at least. */
async function useAll(forge: Forge): Promise<void> {
  const branches = { head: 'image-scan/x', base: 'main' };
  const text = { title: 'Update', body: 'x' };
  const { labels, reviewers, autoMerge } = forge.capabilities;
  await forge.find(branches);
  const opened = await forge.create({ ...branches, ...text, draft: false });
  await forge.find({ ...branches, number: opened.number });
  await forge.update(opened, text);
  await forge.comment(opened, 'x');
  if (labels) {
    await forge.addLabels(opened, ['bug', 'new']);
  }
  if (reviewers.length > 0) {
    await forge.requestReviewers(opened, ['alice']);
  }
  for (const method of autoMerge) {
    await forge.enableAutoMerge(opened, method);
    await forge.cancelAutoMerge(opened);
  }
  await forge.close(opened);
  await forge.find(branches);
}

(isThere ? describe : describe.skip)('the descriptions of the forges', () => {
  it.each(ALL)(
    'know what is sent to and read from them: $file',
    async ({ type, file, undescribed, ...options }) => {
      const dialect =
        DIALECTS.find(candidate => candidate.type === type) ?? DIALECTS[0];
      const { api, repo, routes } = dialect;
      const fake = await FakeForge.start(routes);
      const transport = createHttpTransport({
        hosts: [{ host: fake.host, insecure: true }],
      });
      try {
        await useAll(
          createForge({
            type: dialect.type,
            repo: `${fake.url}${repo}`,
            apiBaseUrl: `${fake.url}${api}`,
            authorization: async () => undefined,
            transport,
            pauses: new ForgePauses(),
          }),
        );
      } finally {
        transport.close();
        await fake.stop();
      }
      const official = new OfficialApi(join(descriptions, file), {
        api,
        ...options,
      });
      const described = fake.requests.filter(
        ({ path }) => !undescribed?.test(path),
      );
      expect(described.length).toBeGreaterThan(6);
      expect(
        described.flatMap(
          request =>
            official.check(request) ?? [
              `${request.method} ${request.path} is not described`,
            ],
        ),
      ).toEqual([]);
      // It can say no.
      const create = described.find(({ body }) => Object(body).title);
      expect(create).toBeDefined();
      expect(
        official.check({
          ...described[0],
          ...create,
          body: { ...Object(create?.body), titel: 'x' },
        }),
      ).toEqual([expect.stringContaining('titel')]);
    },
  );
});
