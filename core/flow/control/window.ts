const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const dayMinutes = 1_440;
const weekMinutes = 7 * dayMinutes;

/**
 * Whether a moment is within one of the windows (`Sat 02:00-04:00`, UTC); within any time when there are none. A window whose
 * end is not after its beginning ends on the next day.
 */
export function isWithin(windows: readonly string[], atMs: number): boolean {
  return windows.length === 0 || windows.some((window) => contains(window, atMs));
}

function contains(window: string, atMs: number): boolean {
  const [day = '', begin = '', end = ''] = window.split(/[ -]/);
  const lastsMinutes = (minuteOf(end) - minuteOf(begin) + dayMinutes) % dayMinutes || dayMinutes;
  const at = new Date(atMs);
  const minute = at.getUTCDay() * dayMinutes + at.getUTCHours() * 60 + at.getUTCMinutes();
  const sinceMinutes = minute - days.indexOf(day) * dayMinutes - minuteOf(begin);
  return (sinceMinutes + weekMinutes) % weekMinutes < lastsMinutes;
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
