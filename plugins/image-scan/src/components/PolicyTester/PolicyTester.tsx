import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { CopyBlock } from '../CopyBlock';
import { ErrorAlert } from '../ErrorAlert';
import { HelpText } from '../HelpText';
import { FilterFields } from './FilterFields';
import { PolicyFields } from './PolicyFields';
import styles from './PolicyTester.module.css';
import { PreviewResult } from './PreviewResult';
import { isUnknownToFleet, ruleYaml } from './ruleYaml';
import { usePreview } from './usePreview';
import { useRuleFields } from './useRuleFields';

/** Tries other rules on the real tags of an image, without saving anything. */
export function PolicyTester(props: { scan: ImageScan }) {
  const { scan } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { fields, change, rule } = useRuleFields(scan);
  const { preview, error, isStale } = usePreview(scan.id, rule);
  const isInvalid = error !== undefined && isInputError(error);

  return (
    <div className={styles.root}>
      <HelpText>{t('tester.intro')}</HelpText>
      <PolicyFields fields={fields} isInvalid={isInvalid} onChange={change} />
      <FilterFields fields={fields} onChange={change} />
      {error && (
        <ErrorAlert
          title={isInvalid ? t('tester.invalid') : t('error.load')}
          error={error}
        />
      )}
      {!error && (
        <PreviewResult
          preview={preview}
          latestTag={scan.latestTag}
          isStale={isStale}
        />
      )}
      {!isInvalid && (
        <section className={styles.block}>
          <Text as="h3" variant="body-medium" weight="bold">
            {t(isUnknownToFleet(rule) ? 'tester.ownBlock' : 'tester.block')}
          </Text>
          <CopyBlock text={ruleYaml(rule)} what={t('copy.policy')} />
        </section>
      )}
    </div>
  );
}

function isInputError(error: Error): boolean {
  return (
    error.name === 'InputError' ||
    ('statusCode' in error && error.statusCode === 400)
  );
}
