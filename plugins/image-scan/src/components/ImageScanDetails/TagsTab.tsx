import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { SearchField, Select } from '@backstage/ui';
import {
  type ImageScan,
  type TagVerdict,
  tagVerdicts,
} from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { imageScanApiRef } from '../../api';
import { useLiveData, useMayUpdate, useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { LoadError } from '../ErrorAlert';
import { TagTable } from '../TagTable';
import { HelpText } from '../HelpText';
import { UseTagDialog } from '../UseTagDialog';
import styles from './ImageScanDetails.module.css';

const PAGE_SIZES = [50, 100, 500];

/** Offered only where there are such tags: most rules know none of these. */
const RARE: ReadonlySet<TagVerdict> = new Set([
  'too-young',
  'wrong-platform',
  'skipped',
  'beyond-step',
  'not-a-number',
  'no-value',
  'filtered',
  'excluded',
]);

const ALL = 'all';

/** The tags of an image, and why each was or was not chosen. */
export function TagsTab(props: { scan: ImageScan; onChanged: () => void }) {
  const { scan, onChanged } = props;
  const imageScanId = scan.id;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  const [search, setSearch] = useState('');
  const [verdict, setVerdict] = useState<TagVerdict>();
  const [offset, setOffset] = useState(0);
  const [limit, setLimit] = useState(PAGE_SIZES[0]);
  const options = { search: search || undefined, verdict, limit, offset };
  const live = useLiveData(JSON.stringify([imageScanId, options]), () =>
    api.listTags(imageScanId, options),
  );
  const list = live.value;
  const mayUpdate = useMayUpdate(scan.gitRepo);
  const [chosen, setChosen] = useState<string>();

  return (
    <div className={styles.root}>
      <LoadError live={live} />
      <div className={styles.filters}>
        <Select
          size="small"
          className={styles.verdict}
          aria-label={t('tags.filter')}
          options={[
            { value: ALL, label: t('tags.all') },
            ...tagVerdicts
              .filter(
                value =>
                  !RARE.has(value) ||
                  value === verdict ||
                  list?.counts[value] !== undefined,
              )
              .map(value => ({
                value,
                label: t('tags.count', {
                  verdict: t(`verdict.${value}`),
                  number: String(list?.counts[value] ?? 0),
                }),
              })),
          ]}
          value={verdict ?? ALL}
          onChange={key => {
            setVerdict(tagVerdicts.find(value => value === key));
            setOffset(0);
          }}
        />
        <SearchField
          size="small"
          className={styles.search}
          aria-label={t('tags.search')}
          placeholder={t('tags.search')}
          value={search}
          onChange={value => {
            setSearch(value);
            setOffset(0);
          }}
        />
      </div>
      {(list || !live.error) && (
        <TagTable
          items={list?.items}
          totalItems={list?.totalItems}
          isStale={live.isStale}
          current={scan.currentTag}
          use={{ allowance: mayUpdate, onUse: setChosen }}
          paging={{
            limit,
            offset,
            sizes: PAGE_SIZES,
            onOffsetChange: setOffset,
            onLimitChange: size => {
              setLimit(size);
              setOffset(0);
            },
          }}
          empty={t(search || verdict ? 'tags.noMatch' : 'tags.empty')}
        />
      )}
      {chosen !== undefined && (
        <UseTagDialog
          scan={scan}
          tag={chosen}
          onClose={() => setChosen(undefined)}
          onWritten={onChanged}
        />
      )}
      {list?.time && (
        <HelpText>
          {t('tags.asOf', { time: words.relative(list.time) })}
        </HelpText>
      )}
    </div>
  );
}
