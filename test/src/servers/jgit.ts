// Needs: jgit, jdk
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { findProgram } from './findProgram';
import { OtherGitServer } from './OtherGitServer';
import { checkProvided } from './provided';

// Where Debian keeps the JARs of its packages.
const JARS = ['org.eclipse.jgit.jar', 'slf4j-api.jar', 'javaewah.jar'].map(
  name => join('/usr/share/java', name),
);

/** Whether Debian's `libjgit-java` is there. */
export function hasJGit(): boolean {
  checkProvided('jgit');
  return JARS.every(path => existsSync(path));
}

/** Whether there is a Java that compiles, as of `default-jdk-headless`. */
export function hasJdk(): boolean {
  checkProvided('jdk');
  return findProgram('javac') !== undefined;
}

/** @param directory - holds `NAME.git` */
export function startJGit(directory: string): Promise<OtherGitServer> {
  const source = resolvePackagePath(
    'image-scan-test',
    'src/servers/JGitServer.java',
  );
  const classpath = JARS.join(':');
  return OtherGitServer.start('java', [
    ...['-Xmx256m', '-classpath', classpath],
    ...[source, directory],
  ]);
}
