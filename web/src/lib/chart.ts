// ECharts behind one door: the worker in chart_worker.ts, started when the first chart comes into view, so that the page
// answers while a chart is drawn.
import type { ChartQuestion, Colors } from './chart_options';
import type { Locale } from './format';

export interface DrawRequest { question: ChartQuestion; locale: Locale; colors: Colors; width: number; height: number }
// The picture, and where each point of each series stands in it, in its pixels.
export interface Drawn { svg: string; pixels: [number, number][][] }
export type DrawAnswer = { id: number; drawn: Drawn } | { id: number; failure: string };

interface Waiting { take: (drawn: Drawn) => void; fail: (error: Error) => void }

let worker: Worker | null = null;
let last = 0;
const waiting = new Map<number, Waiting>();

function failAll(why: string): void {
  for (const one of waiting.values()) one.fail(new Error(why));
  waiting.clear();
  worker?.terminate();
  worker = null; // The next chart starts another.
}

function start(): Worker {
  const started = new Worker(new URL('./chart_worker.ts', import.meta.url), { type: 'module' });
  started.onmessage = (event: MessageEvent<DrawAnswer>) => {
    const answer = event.data;
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('drawn' in answer) one?.take(answer.drawn);
    else one?.fail(new Error(answer.failure));
  };
  started.onerror = (event) => failAll(event.message);
  return started;
}

export function draw(request: DrawRequest): Promise<Drawn> {
  worker ??= start();
  const id = ++last;
  return new Promise((take, fail) => {
    waiting.set(id, { take, fail });
    worker?.postMessage({ id, ...request });
  });
}
