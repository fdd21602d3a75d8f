import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DecisionList,
  DecisionListOptions,
} from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../api';
import { type LiveData, useLiveData } from './useLiveData';

/** What people decided, kept fresh. */
export function useDecisions(
  options: DecisionListOptions,
): LiveData<DecisionList> {
  const api = useApi(imageScanApiRef);
  return useLiveData(JSON.stringify(options), () => api.listDecisions(options));
}
