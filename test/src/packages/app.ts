import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from '../run/runStep';
import { linkPackages } from './moduleFolders';

const PUBLIC_HTML = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Image Scan</title></head>
  <body><div id="root"></div></body>
</html>
`;

/** The demo's app, as dev/index.tsx of the frontend plugin has it. */
const SOURCE = `import { createDevApp } from '@backstage/frontend-dev-utils';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import scaffolderPlugin from '@backstage/plugin-scaffolder/alpha';
import imageScanPlugin from 'backstage-plugin-image-scan';

createDevApp({ features: [catalogPlugin, scaffolderPlugin, imageScanPlugin] });
`;

/** What the app imports. */
export const APP_DEPENDENCIES = [
  '@backstage/frontend-dev-utils',
  '@backstage/plugin-catalog',
  '@backstage/plugin-scaffolder',
  'backstage-plugin-image-scan',
  'react',
  'react-dom',
  'react-router-dom',
];

/** Where {@link appStep} leaves the app. */
export const APP_OUTPUT = 'packages/app/dist';

/**
 * Lays out a Backstage app in a folder whose `node_modules` has
 * {@link APP_DEPENDENCIES}.
 */
export async function layOutApp(folder: string): Promise<void> {
  const app = join(folder, 'packages/app');
  const version = (name: string) => [name, '*'];
  const files = {
    [join(folder, 'package.json')]: JSON.stringify({
      name: 'root',
      private: true,
      workspaces: ['packages/*'],
    }),
    [join(app, 'package.json')]: JSON.stringify({
      name: 'app',
      version: '0.0.0',
      private: true,
      backstage: { role: 'frontend' },
      bundled: true,
      dependencies: Object.fromEntries(APP_DEPENDENCIES.map(version)),
    }),
    [join(app, 'public/index.html')]: PUBLIC_HTML,
    [join(app, 'src/index.tsx')]: SOURCE,
  };
  await mkdir(join(app, 'public'), { recursive: true });
  await mkdir(join(app, 'src'), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await writeFile(path, text);
  }
  // The command looks for the schemas of the app's configuration by its name.
  await linkPackages(join(folder, 'node_modules'), new Map([['app', app]]));
}

/** Builds the app as people deploy it. @param config - path of its app-config.yaml */
export function appStep(folder: string, config: string): Step {
  return {
    name: 'build of an app',
    command: {
      program: 'backstage-cli',
      args: ['package', 'build', '--config', config],
      cwd: join(folder, 'packages/app'),
    },
    limitMinutes: 5,
  };
}
