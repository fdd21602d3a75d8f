import { createMockDirectory } from '@backstage/backend-test-utils';
import { readWorkspace } from './readWorkspace';
import { Workspace } from './Workspace';

const DEFINITION = 'imageScans: [{tagName: web, image: nginx}]\n';
const MARKED = 'image: nginx # {"$imagescan": "web"}\n';

describe('readWorkspace', () => {
  const directory = createMockDirectory();

  async function read(
    files: Record<string, string>,
    scope: Parameters<typeof readWorkspace>[1]['scope'],
  ) {
    directory.setContent(files);
    const workspace = await Workspace.open(directory.path, undefined);
    const { entries, manifests } = await readWorkspace(workspace, { scope });
    return {
      entries: entries.map(({ path, file }) => [path, file]),
      manifests: manifests.map(({ file }) => file),
    };
  }

  it('reads the definition files that the backend reads', async () => {
    await expect(
      read(
        {
          'a/fleet.yml': DEFINITION,
          'b/fleet.yaml': DEFINITION,
          'b/fleet.yml': DEFINITION,
          'c/imagescans.yaml': DEFINITION,
          'd/Fleet.yaml': DEFINITION,
        },
        { paths: ['.'] },
      ),
    ).resolves.toMatchObject({
      entries: [
        ['a', 'a/fleet.yml'],
        ['b', 'b/fleet.yaml'],
        ['c', 'c/imagescans.yaml'],
      ],
    });
  });

  it('reads options files for the folders of their bundles', async () => {
    await expect(
      read(
        { 'web/options/dev.yaml': DEFINITION, 'web/fleet.yaml': DEFINITION },
        {
          paths: ['.'],
          bundles: [{ base: 'web', options: 'options/dev.yaml' }],
        },
      ),
    ).resolves.toMatchObject({ entries: [['web', 'web/options/dev.yaml']] });
  });

  it('keeps to paths that are patterns', async () => {
    await expect(
      read(
        {
          'apps/a/x.yaml': MARKED,
          'apps/x.yaml': MARKED,
          'apps/b/fleet.yaml': DEFINITION,
          'fleet.yaml': DEFINITION,
        },
        { paths: ['apps/*'] },
      ),
    ).resolves.toEqual({
      entries: [['apps/b', 'apps/b/fleet.yaml']],
      manifests: ['apps/a/x.yaml'],
    });
  });
});
