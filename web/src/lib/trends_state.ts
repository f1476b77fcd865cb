// The Trends page's state is its URL: read from the query, written back without what is default.

export interface TrendsState {
  m: 'stars' | 'forks';
  w: '1d' | '7d' | '28d' | '90d';
  lic: string[];
  q: string;
  sort: 'stars' | 'forks' | 'name' | 'owner' | 'created' | 'license';
  dir: 'asc' | 'desc';
  rise: 'velocity' | 'accel';
  p: number;
  asof: string;
}

export const windows = ['1d', '7d', '28d', '90d'] as const;
const sorts = ['stars', 'forks', 'name', 'owner', 'created', 'license'] as const;

export const defaults: TrendsState = {
  m: 'stars', w: '7d', lic: [], q: '', sort: 'stars', dir: 'desc', rise: 'velocity', p: 1, asof: '',
};

function oneOf<T extends string>(value: string | null, words: readonly T[], otherwise: T): T {
  return words.find((word) => word === value) ?? otherwise;
}

export function parse(query: string): TrendsState {
  const params = new URLSearchParams(query);
  const page = Number(params.get('p') ?? '1');
  const asof = params.get('asof') ?? '';
  return {
    m: oneOf(params.get('m'), ['stars', 'forks'], defaults.m),
    w: oneOf(params.get('w'), windows, defaults.w),
    lic: (params.get('lic') ?? '').split(',').filter((key) => key !== ''),
    q: (params.get('q') ?? '').slice(0, 200),
    sort: oneOf(params.get('sort'), sorts, defaults.sort),
    dir: oneOf(params.get('dir'), ['asc', 'desc'], defaults.dir),
    rise: oneOf(params.get('rise'), ['velocity', 'accel'], defaults.rise),
    p: Number.isInteger(page) && page >= 1 ? page : 1,
    asof: /^\d{4}-\d{2}-\d{2}$/.test(asof) ? asof : '',
  };
}

// Keys in one order, defaults left out: two equal states have equal URLs.
export function toQuery(state: TrendsState): string {
  const parts: string[] = [];
  const add = (key: keyof TrendsState, value: string) => {
    if (value !== String(defaults[key])) parts.push(`${key}=${encodeURIComponent(value).replaceAll('%2C', ',')}`);
  };
  add('m', state.m);
  add('w', state.w);
  add('lic', state.lic.join(','));
  add('q', state.q);
  add('sort', state.sort);
  add('dir', state.dir);
  add('rise', state.rise);
  add('p', String(state.p));
  add('asof', state.asof);
  return parts.length === 0 ? '' : '?' + parts.join('&');
}
