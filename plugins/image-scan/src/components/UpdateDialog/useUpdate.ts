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
import { type HeldScan, type UpdateScope, findTargets } from './updateScope';

/** How far an update has come. */
export type UpdatePhase =
  | { name: 'previewing' }
  | { name: 'previewFailed'; error: Error }
  | {
      name: 'ready' | 'pushing';
      request: UpdateRequest;
      preview: UpdateResult;
      /** After a refusal: what is different now. */
      delta?: ChangesDelta;
      /** Why the push failed; it may be tried again. */
      error?: Error;
    }
  | { name: 'done'; result: UpdateResult };

/** An update from its preview to its commit. */
export interface Update {
  phase: UpdatePhase;
  held: HeldScan[];
  /** Ids of the held scans that the user lets go back. */
  released: ReadonlySet<string>;
  setReleased(id: string, isReleased: boolean): void;
  preview(): void;
  push(): void;
}

/** The preview of nothing: no tag name is left to ask the backend about. */
const NOTHING: UpdateResult = {
  branch: '',
  message: '',
  changes: [],
  scans: [],
  problems: [],
  diff: '',
  plan: '',
};

/**
 * Previews an update, and writes exactly what the preview showed.
 *
 * @param onWritten - called after a push
 */
export function useUpdate(scope: UpdateScope, onWritten: () => void): Update {
  const api = useApi(imageScanApiRef);
  const { gitRepo, entityRef, imageScanId } = scope;
  const [phase, setPhase] = useState<UpdatePhase>({ name: 'previewing' });
  const [held, setHeld] = useState<HeldScan[]>([]);
  const [released, setAllReleased] = useState<ReadonlySet<string>>(new Set());
  // Only the newest preview counts; a closed dialog counts none.
  const turn = useRef(0);

  const preview = useCallback(
    async (before?: UpdateResult) => {
      turn.current += 1;
      const own = turn.current;
      const isLate = () => own !== turn.current;
      setPhase({ name: 'previewing' });
      try {
        const targets = await findTargets(
          api,
          { gitRepo, entityRef, imageScanId },
          released,
        );
        const request: UpdateRequest = {
          tagNames: targets.tagNames,
          allowDowngrade: released.size > 0 || undefined,
        };
        const next =
          targets.tagNames?.length === 0
            ? undefined
            : await api.updateGitRepo(gitRepo, { ...request, dryRun: true });
        if (isLate()) {
          return;
        }
        setHeld(targets.held);
        setPhase({
          name: 'ready',
          request,
          preview: next ?? NOTHING,
          delta: before && next && compareChanges(before.changes, next.changes),
        });
      } catch (error) {
        if (!isLate()) {
          setPhase({ name: 'previewFailed', error: toError(error) });
        }
      }
    },
    [api, gitRepo, entityRef, imageScanId, released],
  );

  useEffect(() => {
    preview();
    return () => {
      turn.current += 1;
    };
  }, [preview]);

  const push = async () => {
    if (phase.name !== 'ready') {
      return;
    }
    const { request, preview: shown } = phase;
    setPhase({ name: 'pushing', request, preview: shown });
    try {
      const result = await api.updateGitRepo(gitRepo, {
        ...request,
        plan: shown.plan,
      });
      setPhase({ name: 'done', result });
      onWritten();
    } catch (cause) {
      const error = toError(cause);
      if (isConflict(error)) {
        await preview(shown);
      } else {
        setPhase({ name: 'ready', request, preview: shown, error });
      }
    }
  };

  const setReleased = (id: string, isReleased: boolean) => {
    const next = new Set(released);
    if (isReleased) {
      next.add(id);
    } else {
      next.delete(id);
    }
    setAllReleased(next);
  };

  return {
    phase,
    held,
    released,
    setReleased,
    preview: () => {
      preview();
    },
    push,
  };
}
