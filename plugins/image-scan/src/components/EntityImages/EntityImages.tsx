import { stringifyEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { RiRefreshLine } from '@remixicon/react';
import { useCallback } from 'react';
import { Route, Routes, useResolvedPath } from 'react-router-dom';
import { imageScanApiRef } from '../../api';
import { useAction, useImageScans, useMayScan } from '../../hooks';
import { SCAN_PATH, entityTabRouteRef, scanHref } from '../../routes';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { ErrorAlert } from '../ErrorAlert';
import { ImageScanDetails } from '../ImageScanDetails';
import { ImageScanTable, useTableState } from '../ImageScanTable';
import { NoScans } from '../NoScans';
import { UpdateButton } from '../UpdateDialog';
import styles from './EntityImages.module.css';

/**
 * The images of an entity, and the details of each at its own URL.
 *
 * @public
 */
export function EntityImages() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const here = useResolvedPath('').pathname;
  const base = useRouteRef(entityTabRouteRef)?.() ?? here;
  return (
    <Routes>
      <Route
        path="/"
        element={
          <EntityImageTable key={entityRef} entityRef={entityRef} base={base} />
        }
      />
      <Route path={SCAN_PATH} element={<ImageScanDetails base={base} />} />
    </Routes>
  );
}

function EntityImageTable(props: { entityRef: string; base: string }) {
  const { entityRef, base } = props;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [table, changeTable] = useTableState();
  const live = useImageScans({
    entityRef,
    state: table.state,
    search: table.search || undefined,
    orderBy: table.orderBy,
    limit: table.limit,
    offset: table.offset,
  });
  const href = useCallback((id: string) => scanHref(base, id), [base]);
  const gitRepo = live.value?.items[0]?.gitRepo;
  const mayScan = useMayScan(gitRepo);
  const sync = useAction(async () => {
    if (gitRepo) {
      await api.syncGitRepo(gitRepo);
      live.refresh();
    }
  });

  return (
    <div className={styles.root}>
      {gitRepo && (
        <div className={styles.actions}>
          <ActionButton
            icon={<RiRefreshLine aria-hidden="true" />}
            isPending={sync.isRunning}
            isDisabled={!mayScan.allowed}
            reason={mayScan.reason}
            onPress={sync.run}
          >
            {t('tab.sync')}
          </ActionButton>
          <UpdateButton
            variant="primary"
            scope={{ gitRepo, entityRef }}
            onWritten={live.refresh}
          />
        </div>
      )}
      {sync.error && (
        <ErrorAlert
          title={t('error.action')}
          error={sync.error}
          onDismiss={sync.dismiss}
        />
      )}
      <ImageScanTable
        live={live}
        table={table}
        onChange={changeTable}
        scanHref={href}
        showsGitRepo={false}
        empty={<NoScans link={live.value?.entity} />}
      />
    </div>
  );
}
