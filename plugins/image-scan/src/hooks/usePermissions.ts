import { usePermission } from '@backstage/plugin-permission-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  gitRepoScanPermission,
  gitRepoUpdatePermission,
} from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../translation';

/** Whether the user may do something, and if not, the words to say so. */
export interface Allowance {
  allowed: boolean;
  /** Absent while it is not known yet. */
  reason?: string;
}

/** Whether the user may scan images of a git repo now. */
export function useMayScan(gitRepo: string | undefined): Allowance {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { allowed, loading } = usePermission({
    permission: gitRepoScanPermission,
    resourceRef: gitRepo,
  });
  return allowed || loading || gitRepo === undefined
    ? { allowed }
    : { allowed, reason: t('permission.scan', { gitRepo }) };
}

/** Whether the user may write to a git repo. */
export function useMayUpdate(gitRepo: string | undefined): Allowance {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { allowed, loading } = usePermission({
    permission: gitRepoUpdatePermission,
    resourceRef: gitRepo,
  });
  return allowed || loading || gitRepo === undefined
    ? { allowed }
    : { allowed, reason: t('permission.update', { gitRepo }) };
}
