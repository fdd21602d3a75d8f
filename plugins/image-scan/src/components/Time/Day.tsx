import { useTimeWords } from '../../hooks';

/** The day of a time, as people say it; the date and time in full on hover. */
export function Day(props: {
  /** ISO 8601. */
  time: string;
}) {
  const words = useTimeWords();
  return (
    <time dateTime={props.time} title={words.absolute(props.time)}>
      {words.day(props.time)}
    </time>
  );
}
