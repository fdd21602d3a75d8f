import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select, Text } from '@backstage/ui';
import { LoadError } from '../components/ErrorAlert';
import { HelpText } from '../components/HelpText';
import { imageScanTranslationRef } from '../translation';
import styles from './ImageScanPicker.module.css';
import type { ImageScanPickerProps } from './schema';
import {
  type Choice,
  useGitRepoChoices,
  useTagNameChoices,
} from './usePickable';

/** Chooses a git repo and its image scans in the form of a template. */
export function ImageScanPicker(props: ImageScanPickerProps) {
  const { formData, onChange, schema, uiSchema, required, rawErrors } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { gitRepo, tagNames = [] }: Partial<typeof formData> = formData ?? {};
  const { onlyGitRepo = false } = uiSchema?.['ui:options'] ?? {};
  const isDisabled = props.disabled || props.readonly;
  const errors = [...new Set(rawErrors)];
  const title = uiSchema?.['ui:title'] ?? schema.title;
  const description = uiSchema?.['ui:description'] ?? schema.description;

  const gitRepos = useGitRepoChoices();
  const scans = useTagNameChoices(onlyGitRepo ? undefined : gitRepo);

  return (
    <fieldset className={styles.root}>
      {title && (
        <Text
          as="legend"
          variant="body-medium"
          weight="bold"
          className={styles.title}
        >
          {title}
        </Text>
      )}
      {description && <HelpText>{description}</HelpText>}
      <LoadError live={gitRepos} />
      <Select
        label={t('picker.gitRepo')}
        secondaryLabel={required ? t('picker.required') : undefined}
        placeholder={t('picker.choose')}
        search={{ placeholder: t('picker.search') }}
        options={withChosen(gitRepos.value, gitRepo)}
        value={gitRepo ?? null}
        onChange={key => {
          if (key !== null && key !== gitRepo) {
            onChange({ gitRepo: String(key) });
          }
        }}
        isDisabled={isDisabled}
        isInvalid={errors.length > 0}
        validationBehavior="aria"
      />
      {gitRepos.value?.length === 0 && (
        <HelpText>{t('gitRepos.empty')}</HelpText>
      )}
      {gitRepo !== undefined && !onlyGitRepo && (
        <>
          <LoadError live={scans} />
          <Select
            selectionMode="multiple"
            label={t('picker.images')}
            description={t('picker.imagesHelp')}
            placeholder={t('picker.all')}
            search={{ placeholder: t('picker.search') }}
            options={withChosen(
              scans.isStale ? undefined : scans.value,
              ...tagNames,
            )}
            value={tagNames}
            onChange={keys => {
              const chosen = keys.map(String);
              onChange({
                gitRepo,
                ...(chosen.length > 0 && { tagNames: chosen }),
              });
            }}
            isDisabled={isDisabled}
            validationBehavior="aria"
          />
        </>
      )}
      {errors.length > 0 && (
        <ul role="alert" className={styles.errors}>
          {errors.map(error => (
            <li key={error}>
              <Text variant="body-small" color="danger">
                {error}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

/** What is chosen stays visible while the choices load, and when it is gone from them. */
function withChosen(
  choices: readonly Choice[] = [],
  ...chosen: (string | undefined)[]
): Choice[] {
  const missing = chosen.flatMap(id =>
    id === undefined || choices.some(choice => choice.id === id)
      ? []
      : [{ id, label: id }],
  );
  return [...missing, ...choices];
}
