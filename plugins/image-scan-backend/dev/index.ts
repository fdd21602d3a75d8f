/*
 * The backend of the demo: this plugin in a small Backstage with sign-in,
 * catalog, scaffolder and permissions. `npm start` runs it together with the
 * servers that app-config.yaml points at.
 */
import { createBackend } from '@backstage/backend-defaults';
import { permissionModuleDemoPolicy } from './demoPolicy';

const backend = createBackend();

backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@backstage/plugin-auth-backend-module-guest-provider'));
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(
  import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),
);
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(permissionModuleDemoPolicy);
backend.add(import('@backstage/plugin-scaffolder-backend'));
backend.add(import('backstage-plugin-scaffolder-backend-module-image-scan'));
backend.add(import('../src'));

backend.start();
