import { parseEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { imageScanTranslationRef } from '../../translation';
import styles from './Person.module.css';

/** Who did something: a person as a link; the loop, git and services by name. */
export function Person(props: {
  /** Entity ref of a user, subject of a service, `schedule` or `git`. */
  who: string;
}) {
  const { who } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  if (who === 'schedule') {
    return <>{t('history.schedule')}</>;
  }
  if (who === 'git') {
    return <>{t('decision.who.git')}</>;
  }
  return who.startsWith('user:') ? (
    <EntityRefLink
      entityRef={parseEntityRef(who)}
      hideIcon
      className={styles.link}
    />
  ) : (
    <>{who}</>
  );
}
