// Needs: dulwich
import { execFileSync } from 'node:child_process';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { OtherGitServer } from './OtherGitServer';
import { checkProvided } from './provided';

// Debian's Python, whose packages another one on the PATH does not have.
const PYTHON = '/usr/bin/python3';

/** Whether Debian's `python3-dulwich` is there. */
export function hasDulwich(): boolean {
  checkProvided('dulwich');
  try {
    execFileSync(PYTHON, ['-c', 'import dulwich.web'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param directory - holds `NAME.git` */
export function startDulwich(directory: string): Promise<OtherGitServer> {
  const script = resolvePackagePath(
    'image-scan-test',
    'src/servers/DulwichServer.py',
  );
  return OtherGitServer.start(PYTHON, [script, directory]);
}
