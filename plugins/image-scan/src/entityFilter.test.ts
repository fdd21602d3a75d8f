import type { Entity } from '@backstage/catalog-model';
import { isImageScanAvailable } from './entityFilter';

function entity(kind: string, annotations?: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name: 'x', annotations },
  };
}

describe('isImageScanAvailable', () => {
  it.each([
    [entity('Component', { 'image-scan/git-repo': 'shop' }), true],
    [entity('Domain', { 'image-scan/git-repo': 'shop' }), true],
    [
      entity('Component', {
        'backstage.io/source-location': 'url:https://git.test/a/b/tree/main/',
      }),
      true,
    ],
    [
      entity('Resource', {
        'backstage.io/managed-by-location': 'url:https://git.test/a/b/x.yaml',
      }),
      true,
    ],
    [
      entity('Component', {
        'backstage.io/managed-by-location': 'file:/x.yaml',
      }),
      false,
    ],
    [
      entity('User', {
        'backstage.io/managed-by-location': 'url:https://git.test/a/b/x.yaml',
      }),
      false,
    ],
    [entity('Component'), false],
  ])('%j: %s', (subject, available) => {
    expect(isImageScanAvailable(subject)).toBe(available);
  });
});
