import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

/** The part that is read of the manifest of a package. */
export interface PackageManifest {
  name: string;
  files?: string[];
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Fields whose values are paths, or maps and lists of paths. */
const PATH_FIELDS = [
  'main',
  'module',
  'types',
  'exports',
  'bin',
  'typesVersions',
  'configSchema',
];

const ALWAYS = ['README.md', 'LICENSE'];

const IMPORT =
  /\b(?:from|import|require)\s*\(?\s*(['"])((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^'"\n]*)?\1/g;

/** Reads the manifest of the package in a folder. */
export function readManifest(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/**
 * What is wrong with a package as people install it.
 *
 * @param folder - of the package, unpacked
 * @param source - of the package in this project
 * @returns a sentence each: files that are declared and missing, and imports of
 *   packages that it does not declare
 */
export function findPackageFaults(folder: string, source: string): string[] {
  const manifest = readManifest(folder);
  return [
    ...missingFiles(folder, source, manifest),
    ...undeclaredImports(folder, manifest),
  ].map(fault => `${manifest.name}: ${fault}`);
}

function missingFiles(
  folder: string,
  source: string,
  manifest: PackageManifest,
): string[] {
  const fields = Object.entries(manifest).filter(([name]) =>
    PATH_FIELDS.includes(name),
  );
  const declared = fields.flatMap(([name, value]) =>
    pathsIn(value)
      // What plugins say of a default export stands among the exports too.
      .filter(path => name !== 'exports' || path.startsWith('./'))
      .map(path => [name, path]),
  );
  // A folder that is shipped as it stands is shipped whole.
  const shipped = (manifest.files ?? []).flatMap(pattern => {
    const [folderName] = pattern.split('/');
    return filesBelow(source, folderName)
      .filter(path => /\.(?:js|d\.ts)$/.test(path))
      .map(path => ['files', path]);
  });
  return [...declared, ...shipped, ...ALWAYS.map(path => ['always', path])]
    .filter(([, path]) => !existsSync(join(folder, path)))
    .map(([name, path]) => `${path} is missing (${name})`);
}

/** The texts of a value, at any depth. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(pathsIn)
    : [];
}

function filesBelow(folder: string, name: string): string[] {
  const path = join(folder, name);
  if (!existsSync(path) || /\.\w+$/.test(name)) {
    return [];
  }
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function undeclaredImports(
  folder: string,
  manifest: PackageManifest,
): string[] {
  const { name, dependencies = {}, peerDependencies = {} } = manifest;
  const known = new Set([
    name,
    ...builtinModules,
    ...Object.keys(dependencies),
    ...Object.keys(peerDependencies),
  ]);
  return filesBelow(folder, 'dist')
    .filter(path => /\.(?:[cm]?js|d\.ts)$/.test(path))
    .flatMap(path => {
      const text = readFileSync(join(folder, path), 'utf8');
      const imported = [...text.matchAll(IMPORT)].map(([, , each]) => each);
      return [...new Set(imported)]
        .filter(each => !known.has(each))
        .map(each => `${path} imports ${each}, which is not declared`);
    });
}
