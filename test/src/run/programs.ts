import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { findDockerRegistry } from '../servers/DockerRegistry';
import { findProgram } from '../servers/findProgram';
import { hasDulwich } from '../servers/dulwich';
import { hasJdk, hasJGit } from '../servers/jgit';
import { findPostgres } from '../servers/Postgres';
import type { ProgramName } from '../servers/provided';

/** A program that some tests need and that npm cannot install. */
export interface RequiredProgram {
  name: ProgramName;
  /** The package of Debian and Ubuntu that brings it. */
  debianPackage: string;
  /** What is left out without it, for people. */
  suites: string;
  isInstalled(): boolean;
}

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Path of a Chromium or Chrome. */
export function findChromium(): string | undefined {
  return findProgram('chromium', 'chromium-browser', 'google-chrome');
}

const PROGRAMS: readonly RequiredProgram[] = [
  {
    name: 'docker-registry',
    debianPackage: 'docker-registry',
    suites: 'everything against a real registry',
    isInstalled: () => findDockerRegistry() !== undefined,
  },
  {
    name: 'openssl',
    debianPackage: 'openssl',
    suites: 'everything against a registry with a private CA',
    isInstalled: () => findProgram('openssl') !== undefined,
  },
  {
    name: 'postgresql',
    debianPackage: 'postgresql',
    suites: 'everything on PostgreSQL; the same tests run on SQLite',
    isInstalled: () => findPostgres() !== undefined,
  },
  {
    name: 'dulwich',
    debianPackage: 'python3-dulwich',
    suites: 'everything against a git server in Python',
    isInstalled: hasDulwich,
  },
  {
    name: 'jgit',
    debianPackage: 'libjgit-java',
    suites: 'everything against a git server in Java',
    isInstalled: hasJGit,
  },
  {
    name: 'jdk',
    debianPackage: 'default-jdk-headless',
    suites: 'everything against a git server in Java',
    isInstalled: hasJdk,
  },
  ...(['skopeo', 'wrk'] as const).map(name => ({
    name,
    debianPackage: name,
    suites: `the benchmarks' lines beside ${name}`,
    isInstalled: () => findProgram(name) !== undefined,
  })),
  {
    name: 'chromium',
    debianPackage: 'chromium',
    suites: 'everything in a browser (test/e2e-tests)',
    isInstalled: () => findChromium() !== undefined,
  },
];

/** The programs of these names. */
export function requiredPrograms(
  names: readonly ProgramName[],
): RequiredProgram[] {
  return PROGRAMS.filter(({ name }) => names.includes(name));
}

/** Installs as root on Debian and Ubuntu; elsewhere it changes nothing. */
export async function installMissing(
  programs: RequiredProgram[],
): Promise<void> {
  const packages = programs.map(program => program.debianPackage);
  if (
    packages.length === 0 ||
    process.getuid?.() !== 0 ||
    !findProgram('apt-get')
  ) {
    return;
  }
  console.log(`Installing ${packages.join(', ')}`);
  await withoutStartingServices(() => {
    aptGet('update');
    aptGet('install', '--yes', '--no-install-recommends', ...packages);
  });
}

/** What a person can do about missing programs. */
export function installCommand(programs: RequiredProgram[]): string {
  const packages = programs.map(program => program.debianPackage).join(' ');
  return `sudo apt-get install --no-install-recommends ${packages}`;
}

/**
 * The packages of servers start them at once, which nobody asked for here.
 * Debian's way to say no is this file, and one that is there already stays.
 */
async function withoutStartingServices(install: () => void): Promise<void> {
  const policyIsOurs = !existsSync(POLICY_FILE);
  if (policyIsOurs) {
    await writeFile(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  }
  try {
    install();
  } catch (error) {
    // The programs are then still missing, and that is reported.
    console.error(`${error}`);
  } finally {
    if (policyIsOurs) {
      await rm(POLICY_FILE, { force: true });
    }
  }
}

function aptGet(...args: string[]): void {
  execFileSync('apt-get', ['--quiet', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
