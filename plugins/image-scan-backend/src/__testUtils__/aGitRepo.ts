import {
  type GitRepoDefinition,
  parseGitRepo,
} from 'backstage-plugin-image-scan-node';

/** A GitRepo as its manifest says it, with `spec` over a remote nobody asks. */
export function aGitRepo(
  name: string,
  spec: Record<string, unknown> = {},
  namespace?: string,
): GitRepoDefinition {
  return parseGitRepo({
    metadata: { name, namespace },
    spec: { repo: `https://git.example.com/org/${name}`, ...spec },
  });
}
