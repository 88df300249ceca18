// What goes on by itself between two answers of the server: times that tick, and what a bar of the health history stands for.
(function () {
  // By the server's clock: that of this machine may be wrong.
  const sent = Number(document.querySelector('meta[name=server-time]')?.content);
  const skew = sent ? Date.now() - sent : 0;
  const now = () => Date.now() - skew;

  // As TimeText.Span says it.
  const span = (seconds) =>
    seconds < 10 ? 'now'
      : seconds < 60 ? `${Math.floor(seconds)} s`
        : seconds < 3600 ? `${Math.floor(seconds / 60)} min`
          : seconds < 86400 ? `${Math.floor(seconds / 3600)} h`
            : seconds < 172800 ? '1 day'
              : `${Math.floor(seconds / 86400)} days`;
  const ago = (seconds) => {
    const words = span(Math.abs(seconds));
    return words === 'now' ? 'just now' : seconds >= 0 ? `${words} ago` : `in ${words}`;
  };
  const left = (seconds) => {
    const whole = Math.max(0, Math.ceil(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  };

  function tick() {
    if (document.hidden) { return; }
    for (const element of document.querySelectorAll('time[data-tick]')) {
      const text = element.firstChild;
      const seconds = (now() - Date.parse(element.dateTime)) / 1000;
      const words = element.dataset.tick === 'left' ? left(-seconds) : ago(seconds);
      if (text?.nodeType === Node.TEXT_NODE && text.data !== words && Number.isFinite(seconds)) { text.data = words; }
    }
  }
  setInterval(tick, 1000);
  document.addEventListener('visibilitychange', tick);

  // The bar under the pointer, or the one that the arrow keys have reached, is told below the picture.
  function show(picture, index) {
    const bars = picture.querySelectorAll('rect');
    const at = Math.max(0, Math.min(bars.length - 1, index));
    picture.dataset.at = at;
    for (const bar of bars) { bar.classList.toggle('bar-on', bar === bars[at]); }
    const words = picture.parentElement.querySelector('[data-bar-text]');
    if (words) { words.textContent = bars[at].dataset.bar; }
  }
  function leave(picture) {
    for (const bar of picture.querySelectorAll('.bar-on')) { bar.classList.remove('bar-on'); }
    const words = picture.parentElement.querySelector('[data-bar-text]');
    if (words) { words.textContent = words.dataset.barText; }
  }
  document.addEventListener('pointermove', (event) => {
    const picture = event.target.closest?.('svg[data-bars]');
    for (const other of document.querySelectorAll('svg[data-bars][data-at]')) {
      if (other !== picture && other !== document.activeElement) { delete other.dataset.at; leave(other); }
    }
    if (picture) {
      const box = picture.getBoundingClientRect();
      show(picture, Math.floor((event.clientX - box.left) / box.width * picture.querySelectorAll('rect').length));
    }
  });
  document.addEventListener('keydown', (event) => {
    const picture = event.target.closest?.('svg[data-bars]');
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[event.key];
    if (picture && step) {
      event.preventDefault();
      show(picture, Number(picture.dataset.at ?? picture.querySelectorAll('rect').length) + step);
    }
  });
  document.addEventListener('focusout', (event) => {
    const picture = event.target.closest?.('svg[data-bars]');
    if (picture) { delete picture.dataset.at; leave(picture); }
  });

  window.portalLive = {
    focus(id) {
      const field = document.getElementById(id);
      field?.scrollIntoView({ block: 'center' });
      field?.focus();
    },
  };
})();
