import { describe, expect, it } from 'vitest';

import { en } from './en';
import { ko } from './ko';

// Every text of a catalogue with a path; a function is asked with plain values.
function texts(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String((value as (...args: unknown[]) => string)(2, 3, 4, 5))]];
  return Object.entries(value as object).flatMap(([key, part]) => texts(part, `${path}.${key}`));
}

describe('English and Korean', () => {
  it('have the same texts, and none is empty', () => {
    const english = texts(en, '');
    const korean = texts(ko, '');
    expect(korean.map(([path]) => path)).toEqual(english.map(([path]) => path));
    for (const [path, text] of [...english, ...korean]) expect(text.trim(), path).not.toBe('');
  });

  it('fill the same values in', () => {
    const korean = new Map(texts(ko, ''));
    for (const [path, text] of texts(en, '')) {
      const digits = (one: string) => one.replace(/80 %|30|150|1\/7|≈|8 windows|8개/g, '').match(/[2-5]/g)?.length ?? 0;
      if (/^\.[a-z_]+$/.test(path) && typeof en[path.slice(1) as keyof typeof en] === 'function' && digits(text) > 0) {
        expect(digits(korean.get(path) ?? ''), path).toBeGreaterThan(0);
      }
    }
  });
});
