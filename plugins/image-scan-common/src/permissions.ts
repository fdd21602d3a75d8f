import { createPermission } from '@backstage/plugin-permission-common';

/** Resource type of everything that belongs to one git repo. @public */
export const RESOURCE_TYPE_GIT_REPO = 'image-scan-git-repo';

/** See a git repo, its scans, their tags and its history. @public */
export const gitRepoReadPermission = createPermission({
  name: 'image-scan.git-repo.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_GIT_REPO,
});

/** Scan images and read a git repo's definitions again now. @public */
export const gitRepoScanPermission = createPermission({
  name: 'image-scan.git-repo.scan',
  attributes: {},
  resourceType: RESOURCE_TYPE_GIT_REPO,
});

/** Write image changes to a git repo. @public */
export const gitRepoUpdatePermission = createPermission({
  name: 'image-scan.git-repo.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_GIT_REPO,
});

/** All permissions of the plugin. @public */
export const imageScanPermissions = [
  gitRepoReadPermission,
  gitRepoScanPermission,
  gitRepoUpdatePermission,
];
