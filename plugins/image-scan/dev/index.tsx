import { createDevApp } from '@backstage/frontend-dev-utils';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import scaffolderPlugin from '@backstage/plugin-scaffolder/alpha';
import plugin from '../src';

createDevApp({ features: [catalogPlugin, scaffolderPlugin, plugin] });
