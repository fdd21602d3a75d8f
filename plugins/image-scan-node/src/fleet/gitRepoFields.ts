/**
 * Fields of a Kubernetes object that need not be there. `status` is there when kubectl
 * wrote the manifest, the last four when Rancher did: its API adds them, and an
 * underscore to what they would hide.
 */
export const MANIFEST_FIELDS = [
  'apiVersion',
  'kind',
  'status',
  'id',
  'type',
  'links',
  'actions',
] as const;

/** How Rancher's pages mark what is theirs, such as `__clone`, and its API `_type`. */
export const RANCHER_FIELD = /^_/;

/**
 * Fields of every Kubernetes object's metadata that only Kubernetes uses, and those
 * that Rancher's API adds.
 */
export const METADATA_FIELDS = [
  'annotations',
  'associations',
  'clusterName',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'fields',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'ownerReferences',
  'relationships',
  'resourceVersion',
  'selfLink',
  'state',
  'uid',
] as const;

/** Fields of `imageScanWindow`. */
export const WINDOW_FIELDS = ['timeZone', 'allow', 'deny'] as const;

/** Fields of a GitRepo's spec that image scans use. */
export const SPEC_FIELDS = [
  'repo',
  'branch',
  'paths',
  'bundles',
  'imageScanInterval',
  'imageScanCommit',
  'imageScanWindow',
  'clientSecretName',
  'paused',
] as const;

/** Fields of an entry of `spec.bundles`. */
export const BUNDLE_FIELDS = ['base', 'options'] as const;

/** Fields of `spec.imageScanCommit`. */
export const COMMIT_FIELDS = [
  'authorName',
  'authorEmail',
  'messageTemplate',
  'signingSecretName',
] as const;

/** Fields of a GitRepo's spec, up to Fleet v0.15, that only Fleet uses. */
export const FLEET_SPEC_FIELDS = [
  'caBundle',
  'correctDrift',
  'deleteNamespace',
  'disablePolling',
  'forceSyncGeneration',
  'forceUpdateGeneration',
  'helmRepoURLRegex',
  'helmSecretName',
  'helmSecretNameForPaths',
  'insecureSkipTLSVerify',
  'keepResources',
  'labels',
  'ociRegistry',
  'ociRegistrySecret',
  'pollingInterval',
  'revision',
  'serviceAccount',
  'targetNamespace',
  'targets',
  'webhookSecret',
] as const;
