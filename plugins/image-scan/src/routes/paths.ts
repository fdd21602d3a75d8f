/** Path of a scan's details below the page or the entity tab. */
export const SCAN_PATH = 'scans/:id';

/** Path of the git repos below the page. */
export const GIT_REPOS_PATH = 'git-repos';

/** Path of the history below the page. */
export const HISTORY_PATH = 'history';

/** Path of what people decided, below the page. */
export const DECISIONS_PATH = 'decisions';

/** Where the details of a scan are, below the page or entity tab at `base`. */
export function scanHref(base: string, imageScanId: string): string {
  return `${base}/scans/${encodeURIComponent(imageScanId)}`;
}

/** The list of a git repo's scans, below the page at `base`. */
export function gitRepoScansHref(base: string, gitRepo: string): string {
  return `${base}?${new URLSearchParams({ gitRepo })}`;
}
