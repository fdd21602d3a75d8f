import { useApi } from '@backstage/frontend-plugin-api';
import { useMemo } from 'react';
import { imageScanApiRef } from '../../api';
import { useLiveData } from '../../hooks';

/** The names of all git repos that the user sees; absent while they are not known. */
export function useGitRepoNames(): string[] | undefined {
  const api = useApi(imageScanApiRef);
  const { value } = useLiveData('git-repos', () => api.listGitRepos());
  const key = value && JSON.stringify(value.items.map(({ name }) => name));
  return useMemo(() => (key ? JSON.parse(key) : undefined), [key]);
}
