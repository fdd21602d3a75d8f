import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiArrowGoBackLine,
  RiLockUnlockLine,
  RiPriceTag3Line,
  RiShieldLine,
  RiSkipForwardLine,
} from '@remixicon/react';
import type { Decision, ImageScan } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { HoldDialog } from '../HoldDialog';
import { ReleaseDialog } from '../ReleaseDialog';
import { SkipDialog } from '../SkipDialog';
import { ChooseTagDialog } from '../UseTagDialog';
import { DecisionMenu, type DecisionMenuItem } from './DecisionMenu';

/** What a person can decide about an image. */
export function ScanMenu(props: {
  scan: ImageScan;
  /** Where the entries of its history are. */
  historyHref: string;
  onDecided: () => void;
}) {
  const { scan, historyHref, onDecided } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [open, setOpen] = useState<string>();
  const close = () => setOpen(undefined);
  const current = scan.decisions.find(
    ({ kind, imageScanId }) => kind === 'hold' && imageScanId === scan.id,
  );
  // What is released is gone from the scan before its dialog is closed.
  const [releasing, setReleasing] = useState<Decision>();
  const { latestTag } = scan;
  const items: DecisionMenuItem[] = [
    {
      id: 'hold',
      label: t('decision.menu.hold'),
      icon: <RiShieldLine aria-hidden="true" />,
    },
    ...(latestTag === undefined || latestTag === scan.currentTag
      ? []
      : [
          {
            id: 'skip',
            label: t('decision.menu.skip', { tag: latestTag }),
            icon: <RiSkipForwardLine aria-hidden="true" />,
          },
        ]),
    {
      id: 'useTag',
      label: t('decision.menu.useTag'),
      icon: <RiPriceTag3Line aria-hidden="true" />,
    },
    {
      id: 'revert',
      label: t('decision.menu.revert'),
      icon: <RiArrowGoBackLine aria-hidden="true" />,
      href: historyHref,
    },
    ...scan.decisions.map(decision => ({
      id: decision.id,
      label: t(`decision.menu.release.${releaseOf(decision)}`, {
        tag: decision.tag ?? '',
        gitRepo: decision.gitRepo ?? '',
      }),
      icon: <RiLockUnlockLine aria-hidden="true" />,
    })),
  ];

  return (
    <>
      <DecisionMenu
        what={scan.image}
        allowance={useMayUpdate(scan.gitRepo)}
        items={items}
        onAction={id => {
          setOpen(id);
          setReleasing(scan.decisions.find(decision => decision.id === id));
        }}
      />
      {open === 'hold' && (
        <HoldDialog
          target={{
            kind: 'scan',
            imageScanId: scan.id,
            image: scan.image,
            gitRepo: scan.gitRepo,
          }}
          current={current}
          onClose={close}
          onHeld={onDecided}
        />
      )}
      {open === 'skip' && latestTag !== undefined && (
        <SkipDialog
          scan={scan}
          tag={latestTag}
          onClose={close}
          onSkipped={onDecided}
        />
      )}
      {open === 'useTag' && (
        <ChooseTagDialog scan={scan} onClose={close} onWritten={onDecided} />
      )}
      {releasing && (
        <ReleaseDialog
          decision={releasing}
          onClose={() => setReleasing(undefined)}
          onReleased={onDecided}
        />
      )}
    </>
  );
}

/** What a release is called. */
function releaseOf({ kind, imageScanId, gitRepo }: Decision) {
  if (kind !== 'hold' || imageScanId !== undefined) {
    return kind;
  }
  return gitRepo === undefined ? 'everything' : 'gitRepo';
}
