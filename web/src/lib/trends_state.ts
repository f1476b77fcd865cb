// The Trends page's state is its URL: read from the query, written back without what is default.

export interface TrendsState {
  m: 'stars' | 'forks';
  w: '1d' | '7d' | '28d' | '90d';
  lic: string[]; // Licence keys, or 'class:weak'.
  lang: string[];
  topic: string[];
  age: string; // Whole numbers as texts: an empty one is no bound.
  min: string;
  max: string;
  hide: string[]; // 'archived', 'forks'
  n: '10' | '25' | '50' | '100';
  cols: string[]; // Columns of the risers that are hidden.
  q: string;
  sort: 'stars' | 'forks' | 'name' | 'owner' | 'created' | 'license';
  dir: 'asc' | 'desc';
  rise: 'velocity' | 'accel';
  p: number;
  asof: string;
}

export const sizes = ['10', '25', '50', '100'] as const;
export const columns = ['gain', 'acceleration', 'value', 'spark', 'license', 'language'] as const;
export const windows = ['1d', '7d', '28d', '90d'] as const;
const sorts = ['stars', 'forks', 'name', 'owner', 'created', 'license'] as const;

export const defaults: TrendsState = {
  m: 'stars', w: '7d', lic: [], lang: [], topic: [], age: '', min: '', max: '', hide: [], n: '10', cols: [], q: '', sort: 'stars', dir: 'desc', rise: 'velocity', p: 1, asof: '',
};

function oneOf<T extends string>(value: string | null, words: readonly T[], otherwise: T): T {
  return words.find((word) => word === value) ?? otherwise;
}

const list = (value: string | null): string[] => (value ?? '').split(',').filter((key) => key !== '');
const whole = (value: string | null): string => (/^\d{1,12}$/.test(value ?? '') ? String(Number(value)) : '');

export function parse(query: string): TrendsState {
  const params = new URLSearchParams(query);
  const page = Number(params.get('p') ?? '1');
  const asof = params.get('asof') ?? '';
  return {
    m: oneOf(params.get('m'), ['stars', 'forks'], defaults.m),
    w: oneOf(params.get('w'), windows, defaults.w),
    lic: list(params.get('lic')),
    lang: list(params.get('lang')),
    topic: list(params.get('topic')),
    age: whole(params.get('age')),
    min: whole(params.get('min')),
    max: whole(params.get('max')),
    hide: list(params.get('hide')).filter((word) => word === 'archived' || word === 'forks'),
    n: oneOf(params.get('n'), sizes, defaults.n),
    cols: list(params.get('cols')).filter((word) => (columns as readonly string[]).includes(word)),
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
  add('lang', state.lang.join(','));
  add('topic', state.topic.join(','));
  add('age', state.age);
  add('min', state.min);
  add('max', state.max);
  add('hide', state.hide.join(','));
  add('n', state.n);
  add('cols', state.cols.join(','));
  add('q', state.q);
  add('sort', state.sort);
  add('dir', state.dir);
  add('rise', state.rise);
  add('p', String(state.p));
  add('asof', state.asof);
  return parts.length === 0 ? '' : '?' + parts.join('&');
}

// What narrows the set of repositories; the rest of the state only orders and draws.
export const filters = { lic: [], lang: [], topic: [], age: '', min: '', max: '', hide: [], q: '' } as const;
export const isFiltered = (state: TrendsState): boolean =>
  Object.keys(filters).some((key) => String(state[key as keyof typeof filters]) !== '');
