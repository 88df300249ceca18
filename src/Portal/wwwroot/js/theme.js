// Runs before the first paint: the scheme is on <html> before anything is drawn.
(function () {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  let listener = null;
  const chosen = () => (/(?:^|; )portal-theme=(light|dark)/.exec(document.cookie) || [])[1];
  const current = () => chosen() || (system.matches ? 'dark' : 'light');
  function apply() {
    document.documentElement.dataset.theme = current();
    if (listener) {
      listener.invokeMethodAsync('SetDark', current() === 'dark').catch(() => { });
    }
  }
  apply();
  system.addEventListener('change', apply);
  window.portalTheme = {
    toggle() {
      const next = current() === 'dark' ? 'light' : 'dark';
      document.cookie = `portal-theme=${next}; path=/; max-age=31536000; samesite=lax`;
      apply();
    },
    watch(reference) { listener = reference; apply(); },
    unwatch() { listener = null; },
  };
})();
