import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Decision, Rollback } from 'backstage-plugin-image-scan-common';
import type { ReactElement } from 'react';
import { shortStep } from '../../shortStep';
import { imageScanTranslationRef } from '../../translation';
import { CommitLink } from '../CommitLink';
import { Person } from '../Person';
import { Day } from '../Time';

/** A decision in one line: `Held by Ada since Tuesday, until Friday: breaks checkout`. */
export function DecisionNote(props: { decision: Decision }) {
  const { decision } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  let note: ReactElement = <What decision={decision} />;
  if (decision.until && !decision.ended) {
    const day = <Day time={decision.until} />;
    note = t('decision.note.until', { note, day });
  }
  const reason = decision.reason ?? decision.rollback?.subject;
  return (
    <span>{reason ? t('decision.note.reason', { note, reason }) : note}</span>
  );
}

function What(props: { decision: Decision }): ReactElement {
  const { kind, gitRepo, imageScanId, tag = '', rollback } = props.decision;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const who = rollback ? (
    <Maker rollback={rollback} by={props.decision.by} />
  ) : (
    <Person who={props.decision.by} />
  );
  const day = <Day time={props.decision.time} />;
  const [place] = rollback?.places ?? [];
  switch (kind) {
    case 'hold':
      if (imageScanId !== undefined) {
        return t('decision.note.hold', { who, day });
      }
      return gitRepo === undefined
        ? t('decision.note.holdEverything', { who, day })
        : t('decision.note.holdGitRepo', { gitRepo, who, day });
    case 'rollback':
      if (place) {
        const { from: before, to: after } = shortStep(
          place.before,
          place.after,
        );
        return t('decision.note.rollbackTo', { before, after, who, day });
      }
      return t('decision.note.rollback', { who, day });
    case 'skip':
      return t('decision.note.skip', { tag, who, day });
    case 'chosen':
      return t('decision.note.chosen', { tag, who, day });
    default:
      return t('decision.note.declined', { tag, who, day });
  }
}

/** Who rolled back, and in which commit, as far as git tells. */
function Maker(props: { rollback: Rollback; by: string }): ReactElement {
  const { rollback, by } = props;
  const { commit, author, headBefore, headAfter, isBranchMoved } = rollback;
  const { t } = useTranslationRef(imageScanTranslationRef);
  if (isBranchMoved) {
    return <>{t('decision.who.moved')}</>;
  }
  if (commit) {
    return t('decision.note.in', {
      who: <>{author ?? t('decision.who.unnamed')}</>,
      commit: <CommitLink commit={commit} url={rollback.commitUrl} />,
    });
  }
  return headBefore ? (
    t('decision.note.in', {
      who: <>{t('decision.who.unnamed')}</>,
      commit: (
        <CommitLink
          since={headBefore}
          commit={headAfter}
          url={rollback.compareUrl}
        />
      ),
    })
  ) : (
    <Person who={by} />
  );
}
