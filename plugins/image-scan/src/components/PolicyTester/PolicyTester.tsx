import { toError } from '@backstage/errors';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Checkbox, Select, Text, TextField } from '@backstage/ui';
import type {
  AlphabeticalOrder,
  ImagePolicy,
  ImageScan,
  NumericalOrder,
  PolicyPreview,
} from 'backstage-plugin-image-scan-common';
import { useEffect, useMemo, useState } from 'react';
import { imageScanApiRef } from '../../api';
import { imageScanTranslationRef } from '../../translation';
import { CopyBlock } from '../CopyBlock';
import { ErrorAlert } from '../ErrorAlert';
import { HelpText } from '../HelpText';
import styles from './PolicyTester.module.css';
import { PreviewResult } from './PreviewResult';
import { policyYaml } from './policyYaml';

const TYPING_PAUSE = 250;

const KINDS = ['semver', 'alphabetical', 'numerical'] as const;

type Kind = (typeof KINDS)[number];

function kindOfScan({ policy }: ImageScan): Kind {
  return KINDS.find(kind => policy[kind] !== undefined) ?? 'semver';
}

/** Tries other policies on the real tags of an image, without saving anything. */
export function PolicyTester(props: { scan: ImageScan }) {
  const { scan } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [kind, setKind] = useState<Kind>(kindOfScan(scan));
  const [range, setRange] = useState(scan.policy.semver?.range ?? '*');
  const [isStrict, setStrict] = useState(scan.policy.semver?.strict ?? false);
  const [order, setOrder] = useState<AlphabeticalOrder>(
    scan.policy.alphabetical?.order ?? 'desc',
  );
  const [numberOrder, setNumberOrder] = useState<NumericalOrder>(
    scan.policy.numerical?.order ?? 'asc',
  );
  const policy = useMemo<ImagePolicy>(() => {
    switch (kind) {
      case 'alphabetical':
        return { alphabetical: { order } };
      case 'numerical':
        return { numerical: { order: numberOrder } };
      default:
        return { semver: { range, ...(isStrict && { strict: true }) } };
    }
  }, [kind, range, isStrict, order, numberOrder]);
  const { preview, error, isStale } = usePreview(scan, policy);
  const isInvalid = error !== undefined && isInputError(error);

  return (
    <div className={styles.root}>
      <HelpText>{t('tester.intro')}</HelpText>
      <div className={styles.fields}>
        <Select
          className={styles.kind}
          label={t('tester.kind')}
          options={[
            { value: 'semver', label: t('tester.semver') },
            { value: 'alphabetical', label: t('tester.alphabetical') },
            { value: 'numerical', label: t('tester.numerical') },
          ]}
          value={kind}
          onChange={key =>
            setKind(KINDS.find(each => each === key) ?? 'semver')
          }
        />
        {kind === 'semver' && (
          <TextField
            label={t('tester.range')}
            description={t('tester.rangeHelp')}
            value={range}
            onChange={setRange}
            isInvalid={isInvalid}
            className={styles.range}
          />
        )}
        {kind === 'numerical' && (
          <Select
            className={styles.kind}
            label={t('tester.order')}
            options={[
              { value: 'asc', label: t('tester.largestNumber') },
              { value: 'desc', label: t('tester.smallestNumber') },
            ]}
            value={numberOrder}
            onChange={key => setNumberOrder(key === 'desc' ? 'desc' : 'asc')}
          />
        )}
        {kind === 'alphabetical' && (
          <Select
            className={styles.kind}
            label={t('tester.order')}
            options={[
              { value: 'desc', label: t('tester.desc') },
              { value: 'asc', label: t('tester.asc') },
            ]}
            value={order}
            onChange={key => setOrder(key === 'asc' ? 'asc' : 'desc')}
          />
        )}
      </div>
      {kind === 'semver' && (
        <Checkbox isSelected={isStrict} onChange={setStrict}>
          {t('tester.strict')}
        </Checkbox>
      )}
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
      <section className={styles.block}>
        <Text as="h3" variant="body-medium" weight="bold">
          {t(
            (isStrict && kind === 'semver') || kind === 'numerical'
              ? 'tester.ownBlock'
              : 'tester.block',
          )}
        </Text>
        <CopyBlock text={policyYaml(policy)} what={t('copy.policy')} />
      </section>
    </div>
  );
}

function isInputError(error: Error): boolean {
  return (
    error.name === 'InputError' ||
    ('statusCode' in error && error.statusCode === 400)
  );
}

interface Outcome {
  policy?: ImagePolicy;
  preview?: PolicyPreview;
  error?: Error;
}

/** What a policy would choose, asked a moment after the last change of it. */
function usePreview(
  scan: ImageScan,
  policy: ImagePolicy,
): { preview?: PolicyPreview; error?: Error; isStale: boolean } {
  const api = useApi(imageScanApiRef);
  const [outcome, setOutcome] = useState<Outcome>({});
  const { id: imageScanId, filterTags, exclusionList } = scan;

  useEffect(() => {
    let isLate = false;
    const timer = setTimeout(async () => {
      try {
        const preview = await api.previewPolicy({
          policy,
          // What competes stays as the scan has it.
          ...(filterTags && { filterTags }),
          ...(exclusionList && { exclusionList }),
          imageScanId,
        });
        if (!isLate) {
          setOutcome({ policy, preview });
        }
      } catch (error) {
        if (!isLate) {
          setOutcome({ policy, error: toError(error) });
        }
      }
    }, TYPING_PAUSE);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [api, imageScanId, filterTags, exclusionList, policy]);

  return { ...outcome, isStale: outcome.policy !== policy };
}
