import {
  formatMarkerValue,
  type HeldChange,
  tagOfMarkerValue,
} from 'backstage-plugin-image-scan-common';
import {
  describeDecision,
  findBinding,
  type StoredDecision,
} from './decisions';
import { orderOf, type ScanOrder } from './orderOf';
import type {
  Assessment,
  ChoiceNotes,
  ScanDefinition,
  ScanMarker,
  SettledTag,
  WantedTag,
} from './types';

/**
 * Says what a scan's result means for the values in git.
 *
 * @remarks
 * The one place that decides whether a change would go back: everything that
 * writes asks here first. It is asked whenever one of its inputs changed: the
 * result, the values in git, or the definition.
 *
 * - **unknown**: no result, or no marker that it could be written to.
 * - **update-available**: a marker has another value than the result wants.
 * - **up-to-date**: all markers have what it wants. The scan is then *settled* at
 *   this tag, under the definition that chose it.
 * - **held**: the result would go back behind a value in git, or behind the settled
 *   tag. Nobody writes it unless a person releases it. Only a definition that has
 *   changed since the scan was settled may choose an older tag unasked.
 * - **error**: the last scan failed; what the result before it means stays known.
 * - **suspended**: the definition says so.
 */
export function assessScan(options: {
  definition: ScanDefinition;
  latest?: WantedTag;
  /** What was found beside the last result; default nothing. */
  choice?: ChoiceNotes;
  failed: boolean;
  markers: readonly ScanMarker[];
  settled?: SettledTag;
  /** Active ones, of the scan's git repo at least; default none. */
  decisions?: readonly StoredDecision[];
}): Assessment & { settled?: SettledTag } {
  const { definition, latest, failed, markers, settled } = options;
  const { decisions = [] } = options;
  const currentTags = new Set(
    markers.flatMap(
      ({ form, current }) => tagOfMarkerValue(form, current) ?? [],
    ),
  );
  const currentTag = currentTags.size === 1 ? [...currentTags][0] : undefined;

  if (definition.suspend) {
    return { state: 'suspended', currentTag, settled };
  }
  if (!latest) {
    return { state: failed ? 'error' : 'unknown', currentTag, settled };
  }

  const pending = markers.some(
    marker => marker.current !== desiredValue(definition, latest, marker),
  );
  if (markers.length === 0) {
    return { state: failed ? 'error' : 'unknown', settled };
  }
  if (!pending) {
    return {
      state: failed ? 'error' : 'up-to-date',
      currentTag,
      settled: { tag: latest.tag, definitionHash: definition.hash },
    };
  }

  const order = orderOf(definition, options.choice);
  const binding = findBinding(decisions, definition, latest.tag);
  const held = binding
    ? {
        from: currentTag ?? settled?.tag ?? '',
        to: latest.tag,
        reason: describeDecision(binding),
        decision: { id: binding.id, kind: binding.kind },
      }
    : findDowngrade(definition, order, latest.tag, currentTags, settled);
  const change = order.changeKind(currentTag ?? settled?.tag, latest.tag);
  if (failed) {
    return { state: 'error', currentTag, change, held, settled };
  }
  return {
    state: held ? 'held' : 'update-available',
    currentTag,
    change,
    held,
    settled,
  };
}

/** What the result would write at a marker; undefined where a digest is missing. */
export function desiredValue(
  definition: ScanDefinition,
  latest: WantedTag,
  marker: ScanMarker,
): string | undefined {
  const { image } = definition;
  const { tag, digest } = latest;
  return formatMarkerValue(marker.form, { image, tag, digest }, marker.current);
}

function findDowngrade(
  definition: ScanDefinition,
  order: ScanOrder,
  to: string,
  currentTags: ReadonlySet<string>,
  settled: SettledTag | undefined,
): HeldChange | undefined {
  if (settled && settled.definitionHash !== definition.hash) {
    return undefined;
  }
  for (const from of currentTags) {
    const why = order.explainStepBack(from, to);
    if (why !== undefined) {
      return { from, to, reason: `git has ${from}, ${why}` };
    }
  }
  const why = settled && order.explainStepBack(settled.tag, to);
  return settled && why !== undefined
    ? {
        from: settled.tag,
        to,
        reason: `${settled.tag} was written last, ${why}`,
      }
    : undefined;
}
