import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  UpdateRequest,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { imageScanApiRef } from '../../api';
import { isConflict } from '../../hooks';
import { type ChangesDelta, compareChanges } from './compareChanges';
import { type UpdateChoice, type UpdateView, loadUpdate } from './loadUpdate';
import type { UpdateScope } from './updateScope';

/** Milliseconds after the last key that the message is taken as typed. */
const TYPING_PAUSE = 500;

/** How far an update has come. */
export interface UpdateProgress {
  /** The last preview; stays while the next one is on its way. */
  view?: UpdateView;
  isPreviewing: boolean;
  isPushing: boolean;
  /** After a refusal: what is different now. */
  delta?: ChangesDelta;
  previewError?: Error;
  /** Why the push failed; it may be tried again. */
  pushError?: Error;
  /** What was pushed. */
  result?: UpdateResult;
}

/** An update from its preview to its commit. */
export interface Update extends UpdateProgress {
  /** The message as typed; absent, it is that of the preview. */
  message?: string;
  setMessage(message: string): void;
  /** Whether the user has ticked or unticked anything. */
  hasTicks: boolean;
  setTicked(imageScanId: string, isTicked: boolean): void;
  preview(): void;
  /** @param why - why, and until when what a person chose is held afterwards */
  push(why: Pick<UpdateRequest, 'reason' | 'until'>): void;
}

const UNTOUCHED: UpdateChoice = { ticks: new Map() };

/**
 * Previews an update, and writes exactly what the preview showed.
 *
 * @param scope - keep it the same between renders
 * @param onWritten - called after a push
 */
export function useUpdate(scope: UpdateScope, onWritten: () => void): Update {
  const api = useApi(imageScanApiRef);
  const [progress, setProgress] = useState<UpdateProgress>({
    isPreviewing: true,
    isPushing: false,
  });
  const [choice, setChoice] = useState(UNTOUCHED);
  const [message, setMessage] = useState<string>();
  // Only the newest preview counts; a closed dialog counts none.
  const turn = useRef(0);

  const preview = useCallback(
    async (before?: UpdateResult) => {
      turn.current += 1;
      const own = turn.current;
      setProgress(({ view }) => ({
        view,
        isPreviewing: true,
        isPushing: false,
      }));
      const rest = { isPreviewing: false, isPushing: false };
      try {
        const view = await loadUpdate(api, scope, choice);
        if (own === turn.current) {
          const { changes } = view.preview;
          const delta = before && compareChanges(before.changes, changes);
          setProgress({ ...rest, view, delta });
        }
      } catch (error) {
        if (own === turn.current) {
          setProgress({ ...rest, previewError: toError(error) });
        }
      }
    },
    [api, scope, choice],
  );

  useEffect(() => {
    preview();
    return () => {
      turn.current += 1;
    };
  }, [preview]);

  useEffect(() => {
    if (message === undefined || message === (choice.message ?? '')) {
      return undefined;
    }
    const timer = setTimeout(
      () => setChoice(old => ({ ...old, message })),
      TYPING_PAUSE,
    );
    return () => clearTimeout(timer);
  }, [message, choice.message]);

  const push = async (why: Pick<UpdateRequest, 'reason' | 'until'>) => {
    const { view, isPreviewing, isPushing } = progress;
    if (!view || isPreviewing || isPushing) {
      return;
    }
    const { request, preview: shown } = view;
    setProgress({ view, isPreviewing: false, isPushing: true });
    try {
      const result = await api.updateGitRepo(scope.gitRepo, {
        ...request,
        ...why,
        plan: shown.plan,
      });
      setProgress({ result, isPreviewing: false, isPushing: false });
      onWritten();
    } catch (cause) {
      const pushError = toError(cause);
      if (isConflict(pushError)) {
        await preview(shown);
      } else {
        setProgress({ view, pushError, isPreviewing: false, isPushing: false });
      }
    }
  };

  const isTyping = message !== undefined && message !== (choice.message ?? '');
  return {
    ...progress,
    isPreviewing: progress.isPreviewing || isTyping,
    message,
    setMessage,
    hasTicks: choice.ticks.size > 0,
    setTicked: (imageScanId, isTicked) =>
      setChoice(old => ({
        ...old,
        ticks: new Map(old.ticks).set(imageScanId, isTicked),
      })),
    preview: () => {
      preview();
    },
    push,
  };
}
