import type { Entity } from '@backstage/catalog-model';

/** A component that names its git repo. */
export const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'shop',
    namespace: 'default',
    annotations: {
      'image-scan/git-repo': 'shop',
      'image-scan/path': 'apps',
    },
  },
  spec: { type: 'service', lifecycle: 'production', owner: 'team-shop' },
};
