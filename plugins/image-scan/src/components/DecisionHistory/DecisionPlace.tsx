import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { scanHref } from '../../routes';
import { imageScanTranslationRef } from '../../translation';
import { BreakablePath } from '../BreakablePath';
import styles from './DecisionHistory.module.css';

/** What a decision is about, linked where that is an image with a page of its own. */
export function DecisionPlace(props: { decision: Decision; base: string }) {
  const { gitRepo, imageScanId, image, path, tagName, isGone } = props.decision;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const gone = isGone && (
    <span className={styles.secondary}>{t('decision.list.gone')}</span>
  );
  if (image === undefined) {
    return (
      <>
        {gitRepo === undefined
          ? t('decision.list.everything')
          : t('decision.list.wholeGitRepo', { gitRepo })}
        {gone}
      </>
    );
  }
  const name = <BreakablePath path={image} />;
  return (
    <>
      {imageScanId === undefined || isGone ? (
        name
      ) : (
        <Link href={scanHref(props.base, imageScanId)}>{name}</Link>
      )}
      <span className={styles.secondary}>
        {[gitRepo, tagName, path !== '.' && path].filter(Boolean).join(' · ')}
      </span>
      {gone}
    </>
  );
}
