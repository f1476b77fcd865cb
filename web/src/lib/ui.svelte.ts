// What the whole page shares: language, theme, path.
import { en, type Texts } from './en';
import type { Locale } from './format';
import { ko } from './ko';

export type Theme = 'auto' | 'light' | 'dark';

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // Storage may be forbidden; the page works without it.
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* the choice lasts as long as the page */
  }
}

function firstLocale(): Locale {
  const chosen = stored('locale');
  if (chosen === 'en' || chosen === 'ko') return chosen;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
}

function firstTheme(): Theme {
  const chosen = stored('theme');
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

class Ui {
  locale: Locale = $state(firstLocale());
  theme: Theme = $state(firstTheme());
  path = $state(location.pathname);
  query = $state(location.search);
  // Grows whenever the server may have newer data: what depends on it asks again.
  publication = $state(0);

  get t(): Texts {
    return this.locale === 'ko' ? ko : en;
  }

  constructor() {
    addEventListener('popstate', () => this.#readLocation());
  }

  setLocale(locale: Locale): void {
    this.locale = locale;
    store('locale', locale);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    store('theme', theme);
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  // A step that Back undoes; typing replaces, so that Back does not go letter by letter.
  go(url: string, replace = false): void {
    if (url === location.pathname + location.search) return;
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    this.#readLocation();
  }

  #readLocation(): void {
    this.path = location.pathname;
    this.query = location.search;
  }
}

export const ui = new Ui();
