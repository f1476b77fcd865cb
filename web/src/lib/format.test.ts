import { describe, expect, it } from 'vitest';

import { compact, duration, gain, hoursBetween, integer, rate, signed } from './format';

describe('numbers', () => {
  it('follow the locale', () => {
    expect(integer('en', 1234567)).toBe('1,234,567');
    expect(compact('en', 12_345)).toBe('12.3K');
    expect(compact('ko', 12_345)).toBe('1.2만');
    expect(rate('en', 588.57)).toBe('589');
    expect(rate('en', 0.04)).toBe('0.0');
  });

  it('carry their sign', () => {
    expect(signed('en', 5)).toBe('+5');
    expect(signed('en', -5)).toBe('-5');
    expect(signed('en', 0)).toBe('0');
  });

  it('mark a stretched gain', () => {
    expect(gain('en', 10, 10 / 7, 'exact', 7)).toBe('+10');
    expect(gain('en', 12, 1.5, 'stretched', 7)).toBe('≈ +11');
    expect(gain('en', null, null, null, 7)).toBe('–');
  });
});

describe('time', () => {
  it('is told in whole units', () => {
    expect(hoursBetween('2026-01-01T00:00:00Z', '2026-01-01T03:30:00Z')).toBe(3.5);
    expect(duration('en', 3.5)).toBe('3h');
    expect(duration('en', 0.5)).toBe('30m');
    expect(duration('en', 72)).toBe('3d');
    expect(duration('ko', 72)).toContain('3');
  });
});
