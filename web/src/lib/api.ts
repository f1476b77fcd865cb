// The API's answers (docs/api.md) and the one way to ask for them.

export interface Problem { status: number; code: string; detail: string; remedy: string; requestId: string }

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export type Coverage = 'exact' | 'stretched' | null;

export interface DataFacts {
  day: string | null; sandbox: boolean; now: string; method: string; source: string; provenance: string | null;
  observed_from: string | null; observed_to: string | null; published_at: string; first_day: string | null; days: number;
  tracked: number; ranked: number; no_reading: number; new_today: number; followed_set_changed: number;
  last_attempt: { ended_at: string | null; failed_subjects: number };
}
export interface TopRow {
  rank: number; rank_move: number | null; repository_id: number; full_name: string; value: number;
  gain: number | null; velocity: number | null; coverage: Coverage;
}
export interface RepositoryRow {
  repository_id: number; full_name: string; owner: string; name: string; created_at: string | null;
  license_key: string | null; spdx_id: string | null; language: string | null; stars: number; forks: number; archived: boolean | null;
}
export interface RiserRow {
  position: number; repository_id: number; full_name: string; velocity: number | null; gain: number | null; coverage: Coverage;
  acceleration: number | null; acceleration_margin: number | null; value: number; license_key: string | null;
  spdx_id: string | null; language: string | null; since_creation: number | null; spark: (number | null)[];
}
export interface FacetCount { key: string; count: number }
export interface LicenseCount extends FacetCount { spdx_id: string | null; name: string | null; class: string }
export interface NewRow {
  repository_id: number; full_name: string; created_at: string; age_days: number; value: number; gain: number | null;
  velocity: number | null; coverage: Coverage; license_key: string | null; spdx_id: string | null; language: string | null;
}
export interface ScatterRow { repository_id: number; full_name: string; value: number; gain: number; percent: number; license_key: string; class: string }
export interface ShapeSection { day: string; matching: number; without_velocity: number; without_growth: number; scatter: ScatterRow[] }
export interface FlowSection {
  day: string; languages: { step: number; day: string; language: string; gain: number }[];
  ranks: { step: number; day: string; repository_id: number; full_name: string; rank: number; gain: number }[];
}
export interface DataPage {
  now: string; sandbox: boolean; published_at: string | null; method: string; calendar_days: number;
  datasets: {
    name: string; source: string; base_url: string; summary: string; schema_version: number; definition: string; pipeline: string;
    requests: { name: string; method: string; path: string; resource: string; cost: number }[]; tables: string[]; docs: Record<string, string>;
    reading?: { last_reading: string | null; last_failure: string | null; subjects: number; failed_subjects: number; last_failure_message: string | null };
  }[];
  calendar: { dataset: string; day: string; state: 'complete' | 'partial' | 'gap'; subjects: number; failed: number }[];
  licenses: { key: string; spdx_id: string | null; name: string | null; repositories: number; class: string }[];
  rows: Record<string, number>;
}
export interface Notice { code: string; parameter: string; detail: string }
export interface TrendsBundle {
  version: number; notices: Notice[]; data: DataFacts;
  headline: { biggest_riser: { full_name: string; gain: number; velocity: number; coverage: Coverage } | null };
  top: { rows: TopRow[] }; licenses: LicenseCount[];
  languages: FacetCount[]; topics: FacetCount[]; license_classes: string[]; new_repositories: { rows: NewRow[] };
  repositories: { matching: number; page: number; per_page: number; rows: RepositoryRow[] };
  risers: { rows: RiserRow[]; without_velocity: number };
  cold_start: { days: number; days_for_velocity: number; days_for_acceleration: number } | null;
}
export interface TableColumn { name: string; type: string; required: boolean; person: boolean; description: string; path: string }
export interface TableInfo {
  name: string; dataset: string; kind: string; summary: string; key: string[]; rows: number;
  docs: Record<string, string>; columns: TableColumn[];
}
export type Cell = string | number | boolean | null;
export interface TablePage {
  table: TableInfo; sandbox: boolean; page: number; per_page: number; total: number; rows: Record<string, Cell>[];
}
export interface Freshness {
  now: string; sandbox: boolean;
  datasets: { dataset: string; last_success: string | null; last_failure: string | null; failed_subjects: number }[];
}

async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get('x-request-id') ?? '';
  try {
    const body = (await response.json()) as Partial<Problem>;
    return { status: response.status, code: body.code ?? '', detail: body.detail ?? response.statusText, remedy: body.remedy ?? '', requestId };
  } catch {
    return { status: response.status, code: '', detail: response.statusText, remedy: '', requestId };
  }
}

let refused: () => void = () => undefined;
// Called whenever the server asks for a session that the caller has not.
export function whenRefused(act: () => void): void {
  refused = act;
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  if (response.ok) return (await response.json()) as T;
  const problem = await problemOf(response);
  if (response.status === 401 && !response.url.endsWith('/login')) refused();
  throw new ApiError(problem);
}

// `begun`: the same request, already on its way.
export async function get<T>(path: string, signal?: AbortSignal, begun: Promise<Response> | null = null): Promise<T> {
  return answerOf<T>(await (begun ?? fetch('/api/v1' + path, { signal, headers: { accept: 'application/json' } })));
}

// A change; `proof` is what a session must show beside its cookie.
export async function post<T = void>(path: string, body: unknown, proof = ''): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', 'content-type': 'application/json' };
  if (proof !== '') headers['x-stargaze-session'] = proof;
  return answerOf<T>(await fetch('/api/v1' + path, { method: 'POST', headers, body: JSON.stringify(body) }));
}
