// What public/early.js has asked before this script was there.

interface Early { path: string; answer: Promise<Response> }

declare global {
  interface Window { early?: Early }
}

// The answer to the page's first question, when it is exactly this one; asked for once.
export function takeEarly(path: string): Promise<Response> | null {
  const early = window.early;
  delete window.early;
  return early?.path === '/api/v1' + path ? early.answer : null;
}
