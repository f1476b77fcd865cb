// Who asks: the session that a one-time code opened. Its cookie is out of the page's reach; what a change must prove
// is kept in memory only.
import { get, post, whenRefused } from './api';

export type RoleName = 'anyone' | 'viewer' | 'operator' | 'admin';
interface Facts { role: RoleName; session: string | null; expires_at: string | null }

const mark = '#login=';

// The code of an address with one in its fragment, of the fragment, or the bare code.
export function codeOf(text: string): string {
  const trimmed = text.trim();
  const at = trimmed.indexOf(mark);
  return at === -1 ? trimmed : trimmed.slice(at + mark.length);
}

class Session {
  facts: Facts | null = $state(null);
  // A code from the address that did not open a session.
  failure = $state<unknown>(null);
  // Until a code from the address has been tried, no page asks for anything.
  opening = $state(false);

  get needed(): boolean {
    return this.facts?.role === 'anyone';
  }

  constructor() {
    whenRefused(() => {
      if (!this.opening) void this.#ask();
    });
  }

  // Once, before the first page: a code never stays in the address bar or in the history.
  start(): void {
    if (!location.hash.startsWith(mark)) {
      void this.#ask();
      return;
    }
    const code = codeOf(location.hash);
    history.replaceState(null, '', location.pathname + location.search);
    this.opening = true;
    void this.logIn(code)
      .catch(async (error: unknown) => {
        this.failure = error;
        // The server may be open to readers, or an earlier session still hold.
        await this.#ask();
      })
      .finally(() => (this.opening = false));
  }

  // What the server says of the caller; without an answer, the last that it said.
  async #ask(): Promise<void> {
    try {
      this.facts = await get<Facts>('/session');
    } catch {
      // The page below says what is wrong.
    }
  }

  async logIn(code: string): Promise<void> {
    this.facts = await post<Facts>('/login', { code });
    this.failure = null;
  }

  async logOut(): Promise<void> {
    await post('/logout', {});
    await this.#ask();
  }

  // An address that opens one session of that role, within five minutes.
  async invite(role: RoleName): Promise<string> {
    const { code } = await post<{ code: string }>('/login-codes', { role }, this.facts?.session ?? '');
    return `${location.origin}/${mark}${code}`;
  }
}

export const session = new Session();
