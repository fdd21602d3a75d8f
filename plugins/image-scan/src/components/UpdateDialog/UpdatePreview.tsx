import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type {
  NotWrittenCause,
  Problem,
} from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { Diff } from '../Diff';
import { HelpText } from '../HelpText';
import { ProblemList } from '../ProblemList';
import { MessageField } from './MessageField';
import styles from './UpdateDialog.module.css';
import { UpdateScans } from './UpdateScans';
import type { UpdateView } from './loadUpdate';
import type { Update } from './useUpdate';

/** What an update would write: scans, branch, commit message and every changed line. */
export function UpdatePreview(props: { update: Update; view: UpdateView }) {
  const { update, view } = props;
  const { branch, changes, diff } = view.preview;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const files = new Set(changes.map(({ file }) => file)).size;
  const problems = otherProblems(view);
  const hasHeld = view.rows.some(({ isTicked }) => !isTicked);
  // One that is simply written leaves nothing to choose or to say.
  const [row] = view.rows;
  const isPlain =
    view.rows.length <= 1 &&
    !hasHeld &&
    !update.hasTicks &&
    !row?.scan.goesBack &&
    !row?.scan.holdsAfterwards;

  return (
    <>
      {!isPlain && (
        <UpdateScans
          rows={view.rows}
          isDisabled={update.isPushing}
          onChange={update.setTicked}
        />
      )}
      {changes.length === 0 ? (
        <Text as="p">
          {t(hasHeld ? 'update.nothingButHeld' : 'update.nothing')}
        </Text>
      ) : (
        <>
          <MessageField
            message={update.message ?? view.preview.message}
            isDisabled={update.isPushing}
            onChange={update.setMessage}
          />
          <div className={styles.changes} data-stale={update.isPreviewing}>
            <dl className={styles.summary}>
              <dt>{t('update.branch')}</dt>
              <dd>
                <code>{branch}</code>
              </dd>
            </dl>
            <HelpText>
              {t('update.values', { count: changes.length })},{' '}
              {t('update.files', { count: files })}
            </HelpText>
            <Diff diff={diff} />
          </div>
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

/** What cannot be written is told of value by value. */
const TOLD_BY_VALUE: readonly (NotWrittenCause | undefined)[] = [
  undefined,
  'values',
  'changed',
];

/** Problems of which the scans' own lines do not tell already. */
function otherProblems({ preview, rows }: UpdateView): Problem[] {
  const told = new Set(
    rows.flatMap(({ scan: { tagName, notWritten }, isTicked }) =>
      isTicked || TOLD_BY_VALUE.includes(notWritten?.cause) ? [] : [tagName],
    ),
  );
  return preview.problems.filter(
    ({ tagName }) => tagName === undefined || !told.has(tagName),
  );
}
