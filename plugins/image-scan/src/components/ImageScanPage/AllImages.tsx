import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useCallback } from 'react';
import { useImageScans } from '../../hooks';
import { scanHref } from '../../routes';
import { imageScanTranslationRef } from '../../translation';
import { HelpText } from '../HelpText';
import { HoldAlert } from '../HoldAlert';
import { HoldButton, type HoldTarget } from '../HoldDialog';
import { ImageScanTable, useTableState } from '../ImageScanTable';
import styles from './AllImages.module.css';

/** Every image, with the way to hold all that the filters let through. */
export function AllImages(props: { base: string }) {
  const { base } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [table, changeTable] = useTableState();
  const filter = {
    gitRepo: table.gitRepo,
    state: table.state,
    search: table.search || undefined,
  };
  const live = useImageScans({
    ...filter,
    orderBy: table.orderBy,
    limit: table.limit,
    offset: table.offset,
  });
  const href = useCallback((id: string) => scanHref(base, id), [base]);
  const isFiltered = Object.values(filter).some(value => value !== undefined);
  const target: HoldTarget = isFiltered
    ? { kind: 'filtered', filter }
    : { kind: 'everything' };
  // Whatever is about everything is about each of them.
  const everything = live.value?.items[0]?.decisions.find(
    ({ kind, gitRepo }) => kind === 'hold' && gitRepo === undefined,
  );
  return (
    <div className={styles.root}>
      <HoldAlert decision={everything} onReleased={live.refresh} />
      <ImageScanTable
        live={live}
        table={table}
        onChange={changeTable}
        scanHref={href}
        showsGitRepo
        actions={<HoldButton target={target} onHeld={live.refresh} />}
        empty={<HelpText>{t('empty.page')}</HelpText>}
      />
    </div>
  );
}
