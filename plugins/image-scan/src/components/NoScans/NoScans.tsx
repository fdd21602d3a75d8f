import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import {
  type EntityLink,
  GIT_REPO_ANNOTATION,
  PATH_ANNOTATION,
} from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { CopyBlock } from '../CopyBlock';
import { HelpText } from '../HelpText';
import styles from './NoScans.module.css';

const ANNOTATIONS = `metadata:
  annotations:
    ${GIT_REPO_ANNOTATION}: my-repo
    ${PATH_ANNOTATION}: apps/web`;

const IMAGE_SCANS = `imageScans:
  - tagName: web
    image: registry.example.com/org/web
    policy:
      semver:
        range: ">=1.0"

# in a manifest:
#   image: registry.example.com/org/web:1.0.0 # {"$imagescan": "web"}`;

/** Why an entity has no image scans, and what to write where to change that. */
export function NoScans(props: { link: EntityLink | undefined }) {
  const { link } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);

  if (!link || (link.source === 'none' && !link.gitRepo)) {
    return (
      <Reason
        title={t('empty.noAnnotationTitle')}
        help={t('empty.noAnnotation')}
        text={ANNOTATIONS}
        what={t('copy.annotation')}
      />
    );
  }
  if (link.source === 'none') {
    return (
      <Reason
        title={t('empty.notConfiguredTitle', { gitRepo: link.gitRepo ?? '' })}
        help={t('empty.notConfigured')}
        text={gitRepoConfig(link.gitRepo)}
        what={t('copy.config')}
      />
    );
  }
  const paths = link.paths.filter(path => path !== '.' && path !== '');
  return (
    <Reason
      title={t('empty.noScansTitle', {
        paths: paths.join(', ') || t('empty.wholeRepo'),
        gitRepo: link.gitRepo ?? '',
      })}
      help={t('empty.noScans')}
      text={IMAGE_SCANS}
      what={t('copy.imageScans')}
    />
  );
}

/**
 * The app-config block that makes a git repo known.
 *
 * @param gitRepo - a name, `namespace:name`, or the URL of a repository
 */
export function gitRepoConfig(gitRepo: string = 'my-repo'): string {
  const isUrl = /^https?:\/\//.test(gitRepo);
  const parts = isUrl ? ['my-repo'] : gitRepo.split(':');
  const name = parts[parts.length - 1];
  const metadata =
    parts.length === 2
      ? `{ name: ${name}, namespace: ${parts[0]} }`
      : `{ name: ${name} }`;
  return `imageScan:
  gitRepos:
    - metadata: ${metadata}
      spec:
        repo: ${isUrl ? gitRepo : `https://git.example.com/org/${name}`}`;
}

function Reason(props: {
  title: string;
  help: string;
  text: string;
  what: string;
}) {
  return (
    <div className={styles.root}>
      <Text as="p" weight="bold" className={styles.title}>
        {props.title}
      </Text>
      <HelpText>{props.help}</HelpText>
      <CopyBlock text={props.text} what={props.what} />
    </div>
  );
}
