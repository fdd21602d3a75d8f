import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ImageScan,
  ImageScanApi,
} from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../api';
import { type LiveData, useLiveData } from '../hooks';

/** The most scans that one request answers. */
const PAGE = 500;

/** A choice of a select. */
export interface Choice {
  id: string;
  label: string;
  description?: string;
}

/** The git repos that the user may see. */
export function useGitRepoChoices(): LiveData<Choice[]> {
  const api = useApi(imageScanApiRef);
  return useLiveData('git-repos', async () => {
    const { items } = await api.listGitRepos();
    return items.map(({ name, repo }) => ({
      id: name,
      label: name,
      description: repo,
    }));
  });
}

/** The tagNames of a git repo; none while none is chosen. */
export function useTagNameChoices(
  gitRepo: string | undefined,
): LiveData<Choice[]> {
  const api = useApi(imageScanApiRef);
  return useLiveData(JSON.stringify([gitRepo]), async () =>
    gitRepo === undefined ? [] : byTagName(await listScans(api, gitRepo)),
  );
}

async function listScans(
  api: ImageScanApi,
  gitRepo: string,
): Promise<ImageScan[]> {
  const scans: ImageScan[] = [];
  for (;;) {
    const { items, totalItems } = await api.listImageScans({
      gitRepo,
      orderBy: { field: 'tagName', order: 'asc' },
      limit: PAGE,
      offset: scans.length,
    });
    scans.push(...items);
    if (items.length === 0 || scans.length >= totalItems) {
      return scans;
    }
  }
}

/** A tagName can be that of several scans, in folders of their own: it means all. */
function byTagName(scans: readonly ImageScan[]): Choice[] {
  const images = new Map<string, Set<string>>();
  for (const { tagName, image } of scans) {
    images.set(tagName, (images.get(tagName) ?? new Set()).add(image));
  }
  return [...images].map(([tagName, names]) => ({
    id: tagName,
    label: tagName,
    description: [...names].join(', '),
  }));
}
