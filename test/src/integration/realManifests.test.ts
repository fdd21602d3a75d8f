import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import { selectTag } from 'backstage-plugin-image-scan-common';
import { isValidTag } from 'backstage-plugin-image-scan-node';
import { noOpenssl } from '../servers/certificates';
import {
  DockerRegistry,
  dockerRegistryUser,
  noRegistry,
} from '../servers/DockerRegistry';
import { GitServer } from '../servers/GitServer';
import { describeWith } from './describeWith';
import { readManifests, tagLists } from './fixtures';
import { TestImageScan } from './TestImageScan';

jest.setTimeout(240_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

/** Puts a marker behind every plain `image:` value, as a user would. */
function mark(source: Buffer): { marked: Buffer; count: number } {
  let count = 0;
  const text = source
    .toString('latin1')
    .replace(
      /^([ \t]*(?:- )?image: +[\w./:-]+)(?=\r?$)/gm,
      (_, value: string) => {
        count += 1;
        return `${value} # {"$imagescan": "fleet"}`;
      },
    );
  return { marked: Buffer.from(text, 'latin1'), count };
}

describeWith([noRegistry(), noOpenssl()])(
  'manifests of Fleet and a private registry with a private CA',
  () => {
    let registry: DockerRegistry;
    let git: GitServer;
    let scan: TestImageScan | undefined;

    beforeAll(async () => {
      registry = await DockerRegistry.start({ htpasswd: true, tls: true });
      git = await GitServer.start();
    });

    afterAll(async () => {
      await scan?.stop();
      await registry?.stop();
      await git?.stop();
    });

    it('changes every marked value in one commit, and no other byte', async () => {
      const tags = readFileSync(join(tagLists, 'rancher-fleet.txt'), 'utf8')
        .split('\n')
        .filter(isValidTag);
      await registry.pushTags('rancher/fleet', tags);
      const policy = { semver: { range: '>=0.9, <1' } };
      const { selected } = selectTag(policy, tags);
      expect(selected).toMatch(/^v?0\.\d+\.\d+$/);

      const files = readManifests('fleet');
      const marked = Object.fromEntries(
        Object.entries(files)
          // Bundles hold manifests as text, where a comment marks nothing.
          .filter(([path]) => !/\/(fleet|bundle)\.yaml$/.test(path))
          .map(([path, source]) => [path, mark(source)]),
      );
      const expected = Object.values(marked).reduce(
        (sum, { count }) => sum + count,
        0,
      );
      expect(expected).toBeGreaterThan(20);
      const image = `${registry.host}/rancher/fleet`;
      await git.createRepository('examples', {
        ...files,
        ...Object.fromEntries(
          Object.entries(marked).map(([path, file]) => [path, file.marked]),
        ),
        'imagescans.yaml': JSON.stringify({
          imageScans: [
            {
              tagName: 'fleet',
              image,
              policy,
              secretRef: { name: 'registry' },
            },
          ],
        }),
      });

      scan = await TestImageScan.start({
        knex: await databases.init('SQLITE_3'),
        imageScan: {
          gitRepos: [
            {
              metadata: { name: 'examples' },
              spec: { repo: git.url('examples') },
            },
          ],
          secrets: [
            {
              name: 'registry',
              dockerConfigJson: JSON.stringify({
                auths: { [registry.url]: dockerRegistryUser },
              }),
            },
          ],
          registries: [{ host: registry.host, ca: registry.ca ?? '' }],
        },
      });
      // The manifests have images like redis:7, and what goes back at first
      // sight is left to a person.
      const { held } = await scan.scanInState('examples', 'fleet', 'held');
      expect(held?.to).toBe(selected);
      expect(await git.log('examples')).toHaveLength(1);
      await scan.client.updateGitRepo('examples', { allowDowngrade: true });
      expect(await git.log('examples')).toHaveLength(2);
      const [commit] = await git.log('examples');
      expect(commit.message).toContain(selected);

      const value =
        /^([ \t]*(?:- )?image: +)[\w./:-]+( # \{"\$imagescan": "fleet"\})/gm;
      for (const [path, file] of Object.entries(marked)) {
        const written = await git.readFile('examples', path);
        expect(written.toString('latin1')).toBe(
          file.marked
            .toString('latin1')
            .replace(value, `$1${image}:${selected}$2`),
        );
      }
      const { items } = await scan.client.listUpdates();
      expect(items).toHaveLength(1);
      expect(items[0].changes).toHaveLength(expected);
      const status = await scan.scanInState('examples', 'fleet', 'up-to-date');
      expect(status.markers).toHaveLength(expected);
    });
  },
);
