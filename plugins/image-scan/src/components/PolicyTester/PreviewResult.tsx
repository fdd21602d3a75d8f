import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Text } from '@backstage/ui';
import type { PolicyPreview } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { TagTable } from '../TagTable';
import { HelpText } from '../HelpText';
import styles from './PolicyTester.module.css';

/** What a policy would choose, and why the other tags fall out. */
export function PreviewResult(props: {
  preview: PolicyPreview | undefined;
  /** What the scan's own policy has chosen. */
  latestTag?: string;
  isStale: boolean;
}) {
  const { preview, latestTag, isStale } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <section aria-label={t('tester.result')} className={styles.result}>
      <div role="status">
        {preview && (
          <Text as="p" variant="body-large" weight="bold">
            <Choice selected={preview.selected} latestTag={latestTag} />
          </Text>
        )}
      </div>
      {preview?.warnings?.map(warning => (
        <Alert
          key={warning}
          status="warning"
          icon
          title={t('details.warning')}
          description={warning}
        />
      ))}
      <TagTable
        items={preview?.items}
        isStale={isStale}
        empty={t('tags.empty')}
      />
      {preview && preview.items.length < preview.totalItems && (
        <HelpText>
          {t('tester.shown', {
            shown: String(preview.items.length),
            total: String(preview.totalItems),
          })}
        </HelpText>
      )}
    </section>
  );
}

function Choice(props: { selected?: string; latestTag?: string }) {
  const { selected: tag, latestTag } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  if (tag === undefined) {
    return <>{t('tester.choosesNone')}</>;
  }
  if (latestTag === undefined) {
    return <>{t('tester.chooses', { tag })}</>;
  }
  return (
    <>
      {tag === latestTag
        ? t('tester.choosesSame', { tag })
        : t('tester.choosesInstead', { tag, latest: latestTag })}
    </>
  );
}
