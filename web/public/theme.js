// Before the first paint, so that a dark page never flashes white.
(function () {
  var theme = null;
  try { theme = localStorage.getItem('theme'); } catch (e) { /* storage may be forbidden */ }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
