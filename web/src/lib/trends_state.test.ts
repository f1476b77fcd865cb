import { describe, expect, it } from 'vitest';

import { defaults, parse, toQuery, type TrendsState } from './trends_state';

describe('the state of the Trends page', () => {
  it('leaves defaults out of the URL', () => {
    expect(toQuery(defaults)).toBe('');
    expect(parse('')).toEqual(defaults);
  });

  it('survives the way through the URL', () => {
    const metrics: TrendsState['m'][] = ['stars', 'forks'];
    const texts = ['', 'a b', 'ä&=?#', '100%', '한글'];
    for (const m of metrics) {
      for (const w of ['1d', '7d', '28d', '90d'] as const) {
        for (const q of texts) {
          for (const lic of [[], ['mit'], ['mit', 'none']]) {
            const state: TrendsState = { ...defaults, m, w, q, lic, lang: ['C++', 'none'], topic: ['cli'], age: '365', min: '10', max: '99999', hide: ['forks'], n: '25', cols: ['spark'], sort: 'name', dir: 'asc', rise: 'accel', p: 3, asof: '2026-01-31' };
            expect(parse(toQuery(state))).toEqual(state);
          }
        }
      }
    }
  });

  it('gives equal states equal URLs', () => {
    expect(toQuery(parse('?w=28d&m=forks'))).toBe(toQuery(parse('?m=forks&w=28d')));
  });

  it('falls back for what is invalid', () => {
    expect(parse('?m=moons&w=3d&p=-1&asof=yesterday&sort=x&dir=up&rise=down&age=-1&min=x&n=7&hide=all&cols=name')).toEqual(defaults);
  });
});
