/**
 * Fields of a Kubernetes object that need not be there. `status` is there when kubectl
 * wrote the manifest.
 */
export const MANIFEST_FIELDS = ['apiVersion', 'kind', 'status'] as const;

/** Fields of every Kubernetes object's metadata that only Kubernetes uses. */
export const METADATA_FIELDS = [
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
] as const;

/** Fields of a GitRepo's spec that image scans use. */
export const SPEC_FIELDS = [
  'repo',
  'branch',
  'paths',
  'imageScanInterval',
  'imageScanCommit',
  'clientSecretName',
  'paused',
] as const;

/** Fields of `spec.imageScanCommit`. */
export const COMMIT_FIELDS = [
  'authorName',
  'authorEmail',
  'messageTemplate',
] as const;

/** Fields of a GitRepo's spec, up to Fleet v0.15, that only Fleet uses. */
export const FLEET_SPEC_FIELDS = [
  'bundles',
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
