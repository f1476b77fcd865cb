// Numbers and dates as the reader's language writes them. Days and instants are UTC throughout.

export type Locale = 'en' | 'ko';

const cache = new Map<string, Intl.NumberFormat>();
function number(locale: Locale, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let format = cache.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, options);
    cache.set(key, format);
  }
  return format;
}

export const integer = (locale: Locale, value: number): string => number(locale, {}).format(value);

export const compact = (locale: Locale, value: number): string =>
  number(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);

export function rate(locale: Locale, value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 1;
  return number(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export const signed = (locale: Locale, value: number): string =>
  number(locale, { signDisplay: 'exceptZero', maximumFractionDigits: 0 }).format(value);

export const signedRate = (locale: Locale, value: number): string =>
  number(locale, { signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);

// A change over a window that does not span exactly its days is an estimate, and says so.
export function gain(locale: Locale, value: number | null, velocity: number | null, coverage: string | null, days: number): string {
  if (value === null || velocity === null) return '–';
  return coverage === 'exact' ? signed(locale, value) : '≈ ' + signed(locale, velocity * days);
}

export const time = (instant: string): string => instant.slice(11, 16) + ' UTC';

export function hoursBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 3_600_000);
}

export function duration(locale: Locale, hours: number): string {
  const days = hours / 24;
  const options = { style: 'unit', unitDisplay: 'narrow', maximumFractionDigits: 0 } as const;
  if (days >= 2) return number(locale, { ...options, unit: 'day' }).format(Math.floor(days));
  if (hours >= 1) return number(locale, { ...options, unit: 'hour' }).format(Math.floor(hours));
  return number(locale, { ...options, unit: 'minute' }).format(Math.floor(hours * 60));
}
