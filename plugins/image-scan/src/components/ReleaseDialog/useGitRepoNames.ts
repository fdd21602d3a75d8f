import { useApi } from '@backstage/frontend-plugin-api';
import { useMemo } from 'react';
import { imageScanApiRef } from '../../api';
import { useLiveData } from '../../hooks';

/**
 * The names of all git repos that the user sees, or the one that is asked about.
 *
 * @returns nothing while they are not known; the same between renders
 */
export function useGitRepoNames(only?: string): string[] | undefined {
  const api = useApi(imageScanApiRef);
  const { value } = useLiveData(only ?? '', async () =>
    only === undefined
      ? (await api.listGitRepos()).items.map(({ name }) => name)
      : [only],
  );
  const key = value && JSON.stringify(value);
  return useMemo(() => (key ? JSON.parse(key) : undefined), [key]);
}
