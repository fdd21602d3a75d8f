import { Link } from '@backstage/ui';
import { RiGitCommitLine } from '@remixicon/react';
import styles from './CommitLink.module.css';

const SHORT = 8;

/** A commit by the start of its hash, linked where its host is known. */
export function CommitLink(props: {
  commit: string;
  url?: string;
  /** What a screen reader says; by default the hash. */
  label?: string;
}) {
  const { commit, url, label } = props;
  const content = (
    <>
      <RiGitCommitLine aria-hidden="true" className={styles.icon} />
      {commit.slice(0, SHORT)}
    </>
  );
  return url ? (
    <Link
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={label}
      title={commit}
      className={styles.commit}
    >
      {content}
    </Link>
  ) : (
    <span className={styles.commit} title={commit}>
      {content}
    </span>
  );
}
