// Before the page's own script is there: the theme, so that a dark page never flashes white, and the first question of
// the Trends page, whose answer comes while the script is still being read (src/lib/early.ts).
(function () {
  var theme = null;
  try { theme = localStorage.getItem('theme'); } catch (e) { /* storage may be forbidden */ }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  var isTrends = location.pathname === '/' || location.pathname === '/trends';
  if (!isTrends || location.hash !== '') return;
  var path = '/api/v1/pages/trends' + location.search;
  var controller = new AbortController();
  window.early = { path: path, abort: function () { controller.abort(); }, answer: fetch(path, { signal: controller.signal, headers: { accept: 'application/json' } }) };
  window.early.answer.catch(function () { /* who takes it says so */ });
})();
