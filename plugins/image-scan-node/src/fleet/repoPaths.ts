/**
 * Brings a folder of a git repository into one form: `.` is the root, no slash at
 * either end, no empty or `.` part.
 *
 * @returns why it cannot be used, where it cannot
 */
export function normalisePath(
  path: string,
): { path: string } | { reason: string } {
  if (/[*?[\]\\]/.test(path)) {
    return {
      reason:
        'patterns are not supported; name the folders one by one, or one above them',
    };
  }
  if (/\p{Cc}/u.test(path)) {
    return { reason: 'control characters are not allowed' };
  }
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  if (parts.includes('..')) {
    return { reason: '.. is not allowed; name a folder from the root' };
  }
  return { path: parts.join('/') || '.' };
}
