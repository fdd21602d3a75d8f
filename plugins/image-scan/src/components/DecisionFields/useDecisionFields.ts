import type { DatePickerProps } from '@backstage/ui';
import { useState } from 'react';

/** A date and time without a time zone, as the picker has it. */
export type PickedDate = NonNullable<DatePickerProps['value']>;

/** Why a decision is made, and until when it lasts. */
export interface DecisionFieldsState {
  reason: string;
  setReason(reason: string): void;
  date: PickedDate | null;
  setDate(date: PickedDate | null): void;
  /** Whether the date has passed already. */
  isPast: boolean;
  /** As the backend takes them. */
  request: { reason?: string; until?: string };
}

/** The fields that every decision has. */
export function useDecisionFields(): DecisionFieldsState {
  const [reason, setReason] = useState('');
  const [date, setDate] = useState<PickedDate | null>(null);
  const until = date?.toDate(
    new Intl.DateTimeFormat().resolvedOptions().timeZone,
  );
  return {
    reason,
    setReason,
    date,
    setDate,
    isPast: until !== undefined && until.getTime() <= Date.now(),
    request: {
      ...(reason.trim() && { reason: reason.trim() }),
      ...(until && { until: until.toISOString() }),
    },
  };
}
