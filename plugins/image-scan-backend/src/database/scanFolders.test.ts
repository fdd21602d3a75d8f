import {
  REPOSITORY_LIMITS,
  runAtOnce,
  type RepositoryLimits,
} from 'backstage-plugin-image-scan-node';
import { foldersOfScans } from './scanFolders';

const foldersOf = (
  path: string,
  files: string[],
  limits: Partial<RepositoryLimits> = {},
) => {
  const { folders, problem } = runAtOnce(
    foldersOfScans(
      [{ id: 'scan', path, file: `${path}/fleet.yaml` }],
      files.map(file => ({ scanId: 'scan', file })),
      { ...REPOSITORY_LIMITS, ...limits },
    ),
  );
  return { folders: [...(folders.get('scan') ?? [])].sort(), problem };
};

describe('foldersOfScans', () => {
  it('holds every folder at or above definition and markers', () => {
    expect(
      foldersOf('apps/redis', [
        'deployment.yaml',
        'apps/redis/base/a.yaml',
        'charts/redis/values.yaml',
      ]),
    ).toEqual({
      folders: [
        '.',
        'apps',
        'apps/redis',
        'apps/redis/base',
        'charts',
        'charts/redis',
      ],
      problem: undefined,
    });
    expect(foldersOf('.', []).folders).toEqual(['.']);
  });

  it.each([
    ['rows', { folders: 4 }],
    ['bytes', { folderBytes: 12 }],
  ])('stops where the %s have no room, and says so', (_, limits) => {
    const { folders, problem } = foldersOf(
      'apps',
      ['b/c/d/e/f.yaml', 'b/g/h.yaml', 'apps/i.yaml'],
      limits,
    );
    expect(folders.slice(0, 4)).toEqual(
      expect.arrayContaining(['.', 'apps', 'b', 'b/c']),
    );
    expect(folders).not.toContain('b/c/d/e');
    expect(folders).not.toContain('b/g');
    expect(problem).toMatchObject({
      file: 'b/c/d/e/f.yaml',
      message: expect.stringMatching(/^2 places .* \(limit folders\); narrow/),
    });
  });

  it('keeps room for the definitions of all scans', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `s${index}`);
    const { folders } = runAtOnce(
      foldersOfScans(
        ids.map(id => ({ id, path: `apps/${id}`, file: 'fleet.yaml' })),
        ids.flatMap(scanId => [{ scanId, file: `x/${scanId}/y/z.yaml` }]),
        { ...REPOSITORY_LIMITS, folders: 35 },
      ),
    );
    for (const id of ids) {
      expect([...(folders.get(id) ?? [])]).toEqual(
        expect.arrayContaining(['.', 'apps', `apps/${id}`]),
      );
    }
  });
});
