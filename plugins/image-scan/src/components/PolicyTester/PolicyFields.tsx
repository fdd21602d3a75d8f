import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Checkbox, Select, TextField } from '@backstage/ui';
import { imageScanTranslationRef } from '../../translation';
import styles from './PolicyTester.module.css';
import { KINDS, type RuleFields } from './useRuleFields';

/** The policy and what belongs to its kind. */
export function PolicyFields(props: {
  fields: RuleFields;
  isInvalid: boolean;
  onChange: (part: Partial<RuleFields>) => void;
}) {
  const { fields, isInvalid, onChange } = props;
  const { kind, range, isStrict, order, numberOrder } = fields;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <>
      <div className={styles.fields}>
        <Select
          className={styles.kind}
          label={t('tester.kind')}
          options={KINDS.map(value => ({ value, label: t(`tester.${value}`) }))}
          value={kind}
          onChange={key =>
            onChange({ kind: KINDS.find(each => each === key) ?? 'semver' })
          }
        />
        {kind === 'semver' && (
          <TextField
            label={t('tester.range')}
            description={t('tester.rangeHelp')}
            value={range}
            onChange={text => onChange({ range: text })}
            isInvalid={isInvalid}
            className={styles.text}
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
            onChange={key =>
              onChange({ numberOrder: key === 'desc' ? 'desc' : 'asc' })
            }
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
            onChange={key =>
              onChange({ order: key === 'asc' ? 'asc' : 'desc' })
            }
          />
        )}
      </div>
      {kind === 'semver' && (
        <Checkbox
          isSelected={isStrict}
          onChange={isSelected => onChange({ isStrict: isSelected })}
        >
          {t('tester.strict')}
        </Checkbox>
      )}
    </>
  );
}
