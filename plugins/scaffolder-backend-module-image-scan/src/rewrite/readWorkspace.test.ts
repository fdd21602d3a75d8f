import { createMockDirectory } from '@backstage/backend-test-utils';
import { readWorkspace } from './readWorkspace';
import { Workspace } from './Workspace';

const definition = 'imageScans: [{tagName: web, image: nginx}]\n';
const marked = 'image: nginx # {"$imagescan": "web"}\n';

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
          'a/fleet.yml': definition,
          'b/fleet.yaml': definition,
          'b/fleet.yml': definition,
          'c/imagescans.yaml': definition,
          'd/Fleet.yaml': definition,
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
        { 'web/options/dev.yaml': definition, 'web/fleet.yaml': definition },
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
          'apps/a/x.yaml': marked,
          'apps/x.yaml': marked,
          'apps/b/fleet.yaml': definition,
          'fleet.yaml': definition,
        },
        { paths: ['apps/*'] },
      ),
    ).resolves.toEqual({
      entries: [['apps/b', 'apps/b/fleet.yaml']],
      manifests: ['apps/a/x.yaml'],
    });
  });
});
