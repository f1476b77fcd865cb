// What public/early.js has asked before this script was there.

interface Early { path: string; answer: Promise<Response>; abort: () => void }

declare global {
  interface Window { early?: Early }
}

// The answer to the page's first question, when it is exactly this one; asked for once.
export function takeEarly(path: string, signal: AbortSignal): Promise<Response> | null {
  const early = window.early;
  delete window.early;
  if (early?.path !== '/api/v1' + path) return null;
  signal.addEventListener('abort', early.abort);
  return early.answer;
}
