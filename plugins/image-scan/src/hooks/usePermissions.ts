import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  permissionApiRef,
  usePermission,
} from '@backstage/plugin-permission-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  gitRepoScanPermission,
  gitRepoUpdatePermission,
} from 'backstage-plugin-image-scan-common';
import { useEffect, useState } from 'react';
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

/**
 * Whether the user may write to all of some git repos.
 *
 * @param gitRepos - absent while they are not known yet; keep it the same between renders
 */
export function useMayUpdateAll(
  gitRepos: readonly string[] | undefined,
): Allowance {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const permissionApi = useApi(permissionApiRef);
  const [denied, setDenied] = useState<string[]>();

  useEffect(() => {
    let isLate = false;
    const ask = async (resourceRef: string) => {
      const { result } = await permissionApi.authorize({
        permission: gitRepoUpdatePermission,
        resourceRef,
      });
      return result === AuthorizeResult.ALLOW ? [] : [resourceRef];
    };
    setDenied(undefined);
    if (gitRepos) {
      // Where that cannot be asked nothing is offered, and the backend would refuse.
      Promise.all(gitRepos.map(ask)).then(
        names => !isLate && setDenied(names.flat()),
        () => !isLate && setDenied([...gitRepos]),
      );
    }
    return () => {
      isLate = true;
    };
  }, [permissionApi, gitRepos]);

  if (!denied || denied.length === 0) {
    return { allowed: denied !== undefined };
  }
  return {
    allowed: false,
    reason: t('permission.update', { gitRepo: denied.join(', ') }),
  };
}
