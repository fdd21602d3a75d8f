import { Link } from '@backstage/ui';
import { RiGitCommitLine } from '@remixicon/react';
import styles from './CommitLink.module.css';

const SHORT = 8;

/**
 * A commit by the start of its hash, or what came since another one, linked where its
 * host is known.
 */
export function CommitLink(props: {
  commit: string;
  since?: string;
  url?: string;
  /** What a screen reader says; by default the hash. */
  label?: string;
}) {
  const { commit, since, url, label } = props;
  const title = since ? `${since}..${commit}` : commit;
  const content = (
    <>
      <RiGitCommitLine aria-hidden="true" className={styles.icon} />
      {since && `${since.slice(0, SHORT)}..`}
      {commit.slice(0, SHORT)}
    </>
  );
  return url ? (
    <Link
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={label}
      title={title}
      className={styles.commit}
    >
      {content}
    </Link>
  ) : (
    <span className={styles.commit} title={title}>
      {content}
    </span>
  );
}
