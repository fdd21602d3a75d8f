import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { UpdateResult } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { Diff } from '../Diff';
import { ProblemList } from '../ProblemList';
import { HelpText } from '../HelpText';
import styles from './UpdateDialog.module.css';

/** What an update would write: branch, commit message and every changed line. */
export function UpdatePreview(props: {
  preview: UpdateResult;
  /** Whether something is held that the user has not released. */
  hasHeld: boolean;
}) {
  const { branch, message, changes, problems, diff } = props.preview;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const files = new Set(changes.map(({ file }) => file)).size;

  return (
    <>
      {changes.length === 0 ? (
        <Text as="p">
          {t(props.hasHeld ? 'update.nothingButHeld' : 'update.nothing')}
        </Text>
      ) : (
        <>
          <dl className={styles.summary}>
            <dt>{t('update.branch')}</dt>
            <dd>
              <code>{branch}</code>
            </dd>
            <dt>{t('update.message')}</dt>
            <dd>
              <pre className={styles.message}>{message}</pre>
            </dd>
          </dl>
          <HelpText>
            {t('update.values', { count: changes.length })},{' '}
            {t('update.files', { count: files })}
          </HelpText>
          <Diff diff={diff} />
        </>
      )}
      {problems.length > 0 && (
        <section className={styles.problems}>
          <Text as="h3" variant="body-medium" weight="bold">
            {t('update.problems')}
          </Text>
          <ProblemList problems={problems} />
        </section>
      )}
    </>
  );
}
