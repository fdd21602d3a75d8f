import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, useBreakpoint } from '@backstage/ui';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { type ReactNode, useMemo } from 'react';
import { imageScanTranslationRef } from '../../translation';
import type { DataColumn } from '../DataTable';
import { DecisionNote } from '../DecisionNote';
import { RelativeTime } from '../Time';
import { DecisionEnd } from './DecisionEnd';
import styles from './DecisionHistory.module.css';
import { DecisionPlace } from './DecisionPlace';
import { mayBeForgotten } from './reminders';

/** The columns that fit: a narrow window folds all into the decision itself. */
export function useColumns(options: {
  base: string;
  /** Without, all of them are about one image. */
  showsPlace: boolean;
  /** What can be done about one that is in force. */
  action: (decision: Decision) => ReactNode;
}): DataColumn<Decision>[] {
  const { base, showsPlace, action } = options;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { up } = useBreakpoint();
  const isWide = up('sm');

  return useMemo(() => {
    const end = (decision: Decision) =>
      decision.ended ? (
        <DecisionEnd ended={decision.ended} />
      ) : (
        action(decision)
      );
    const what: DataColumn<Decision> = {
      id: 'what',
      label: t('decision.list.what'),
      grow: 3,
      isRowHeader: true,
      cell: decision => (
        <Cell>
          <div className={styles.cell}>
            <DecisionNote decision={decision} />
            {mayBeForgotten(decision, Date.now()) && (
              <span className={styles.secondary}>
                {t('decision.reminder.note')}
              </span>
            )}
            {!isWide && (
              <>
                {showsPlace && (
                  <DecisionPlace decision={decision} base={base} />
                )}
                {end(decision)}
              </>
            )}
          </div>
        </Cell>
      ),
    };
    if (!isWide) {
      return [what];
    }
    const column = (
      id: 'time' | 'place' | 'end',
      grow: number,
      content: (decision: Decision) => ReactNode,
    ): DataColumn<Decision> => ({
      id,
      label: t(`decision.list.${id}`),
      grow,
      cell: decision => (
        <Cell>
          <div className={styles.cell}>{content(decision)}</div>
        </Cell>
      ),
    });
    return [
      column('time', 1, ({ time }) => <RelativeTime time={time} />),
      ...(showsPlace
        ? [
            column('place', 2, decision => (
              <DecisionPlace decision={decision} base={base} />
            )),
          ]
        : []),
      what,
      column('end', 2, end),
    ];
  }, [t, base, showsPlace, action, isWide]);
}
