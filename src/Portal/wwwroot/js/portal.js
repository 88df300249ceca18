// What needs no round trip to the server: copying, the palette's shortcut, menus, dialogs, following a log.
(function () {
  const announce = (text) => {
    const box = document.getElementById('announcer');
    if (box) { box.textContent = ''; requestAnimationFrame(() => { box.textContent = text; }); }
  };

  // Dialogs: what is behind is out of reach while one is open, and whoever opened it goes on from there. A menu is closed by then.
  let dialogs = 0;
  let opener = null;
  document.addEventListener('focusin', ({ target }) => { if (!target.closest('.mud-dialog-container')) { opener = target; } });
  const behind = (inert) => document.querySelectorAll('.skip, .topbar, .shell').forEach((part) => { part.inert = inert; });
  const giveBack = () => {
    const now = document.activeElement;
    if (now && now !== document.body && !now.closest('.mud-dialog-container')) { return; }
    const to = opener?.checkVisibility?.() ? opener : opener?.closest('details')?.querySelector('summary');
    to?.focus();
    since = to;
  };

  // Where the focus was when something was last done. A page that arrives takes the focus from there and from nowhere else: on a slow line
  // people have tabbed on by then, and what they press next is meant for where they are.
  let since = null;
  const noteFocus = () => { since = document.activeElement; };
  document.addEventListener('click', noteFocus, true);
  document.addEventListener('submit', noteFocus, true);
  document.addEventListener('keydown', ({ key }) => { if (key === 'Enter') { noteFocus(); } }, true);
  window.addEventListener('popstate', noteFocus);
  const movedOn = () => ![null, document.body, since].includes(document.activeElement);
  const goOnFrom = (place, how) => { place.focus(how); noteFocus(); };

  document.addEventListener('click', (event) => {
    const target = event.target.closest('[data-copy],[data-theme-toggle],[data-skip],[data-reload]');
    for (const menu of document.querySelectorAll('details[data-menu][open]')) {
      if (!menu.contains(event.target) || event.target.closest('[data-menu-close]')) { menu.open = false; }
    }
    if (!target) { return; }
    if (target.dataset.copy !== undefined) {
      navigator.clipboard.writeText(target.dataset.copy).then(
        () => {
          announce('Copied');
          target.classList.add('copied');
          setTimeout(() => target.classList.remove('copied'), 1200);
        },
        () => announce('Copying was refused by the browser'));
    } else if (target.dataset.themeToggle !== undefined) {
      window.portalTheme.toggle();
    } else if (target.dataset.reload !== undefined) {
      event.preventDefault();
      location.reload();
    } else {
      event.preventDefault();
      document.getElementById('main')?.focus();
    }
  });

  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'k') {
      const button = document.querySelector('[data-palette]');
      if (button) { event.preventDefault(); button.click(); }
    } else if (event.key === 'Escape') {
      for (const menu of document.querySelectorAll('details[data-menu][open]')) {
        menu.open = false;
        menu.querySelector('summary')?.focus();
      }
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && event.target.matches?.('[data-palette-input]')) {
      event.preventDefault();
    }
  });

  document.addEventListener('focusout', (event) => {
    const menu = event.target.closest?.('details[data-menu][open]');
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) { menu.open = false; }
  });

  // A plain form is sent once: a second click while the answer is on its way does nothing.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('[data-once]')) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = 'yes';
    form.querySelectorAll('button[type=submit]').forEach((b) => b.setAttribute('aria-busy', 'true'));
    setTimeout(() => { delete form.dataset.sent; }, 15000);
  });

  // A form that keeps what was typed (data-keep) is sent in the background: when it is refused, the circuit learns what was wrong, and the
  // fields stand as they were. What is in them, secrets among it, goes from here to the server and nowhere else.
  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches('[data-keep]') || event.defaultPrevented || !window.Blazor?.navigateTo) { return; }
    event.preventDefault();
    const unsent = form.querySelector('[data-unsent]');
    if (unsent) { unsent.hidden = true; }
    try {
      const body = new FormData(form);
      const answer = await fetch(form.action, { method: 'POST', body: form.enctype === 'multipart/form-data' ? body : new URLSearchParams(body) });
      const to = new URL(answer.url);
      if (!answer.redirected) {
        form.submit(); // an answer with words of its own, which the browser shows
      } else if (to.searchParams.has('problems')) {
        window.Blazor.navigateTo(to.pathname + to.search, { replaceHistoryEntry: true });
      } else {
        location.assign(to.href);
        return; // it stays busy until the next page is there
      }
    } catch {
      if (unsent) { unsent.hidden = false; }
    }
    delete form.dataset.sent;
    form.querySelectorAll('[aria-busy]').forEach((b) => b.removeAttribute('aria-busy'));
  });

  // The circuit draws the page anew when it comes up: what was typed or chosen by then goes over into the new fields, and the focus with it.
  // A password is put in its field and told to nobody: such fields are sent by a plain form.
  const drawnBefore = document.querySelector('.topbar');
  const early = new Map();
  let at = null;
  const typedEarly = ({ target }) => { if (target.id && target.matches('input:not([type=file]), textarea, select')) { early.set(target.id, target); } };
  const focusedEarly = ({ target }) => { at = target; };
  const takeOver = () => {
    for (const [id, was] of early) {
      const now = document.getElementById(id);
      if (!now || now === was) { continue; }
      now.value = was.value;
      if ('checked' in was) { now.checked = was.checked; }
      if (now.type !== 'password') { for (const name of ['input', 'change']) { now.dispatchEvent(new Event(name, { bubbles: true })); } }
    }
    const focus = at?.id && !at.isConnected && document.activeElement === document.body ? document.getElementById(at.id) : null;
    focus?.focus({ preventScroll: true });
    if (focus?.selectionStart != null && at.selectionStart != null) { focus.setSelectionRange(at.selectionStart, at.selectionEnd); }
  };
  if (drawnBefore) {
    document.addEventListener('input', typedEarly);
    document.addEventListener('focusin', focusedEarly);
    new MutationObserver((_, watch) => {
      if (drawnBefore.isConnected || !document.querySelector('.topbar')) { return; }
      watch.disconnect();
      document.removeEventListener('input', typedEarly);
      document.removeEventListener('focusin', focusedEarly);
      takeOver();
    }).observe(document.body, { childList: true, subtree: true });
  }

  window.portal = {
    announce,
    dialogOpened() { dialogs++; behind(true); },
    dialogClosed() {
      dialogs = Math.max(0, dialogs - 1);
      if (dialogs === 0) { behind(false); giveBack(); }
    },
    toHeading() {
      const heading = document.querySelector('h1');
      if (!heading || movedOn() || document.activeElement?.matches('main :is(input, textarea, select)')) { return; }
      if (!heading.hasAttribute('tabindex')) { heading.tabIndex = -1; }
      goOnFrom(heading);
    },
    toError(panel) {
      // Whoever is writing is not interrupted: the alert is read to them all the same.
      if (panel && !document.activeElement?.matches('input, textarea, select')) { goOnFrom(panel); }
    },
    reveal(id) { document.getElementById(id)?.scrollIntoView({ block: 'nearest' }); },
    signOut() { document.querySelector('form[action="/sign-out"]')?.requestSubmit(); },
    submit(form) { if (form && !form.dataset.sent) { form.requestSubmit(); } },
    // To a field by its id, with the folds around it opened; to the other where it is not there.
    goTo(id, otherwise) {
      const place = document.getElementById(id) ?? document.getElementById(otherwise);
      if (!place || movedOn()) { return; }
      for (let fold = place.closest('details:not([open])'); fold; fold = fold.parentElement.closest('details:not([open])')) { fold.open = true; }
      const target = place.matches('input, select, textarea, button, a, [tabindex]')
        ? place : place.querySelector('input:checked, input, select, textarea, button') ?? place;
      goOnFrom(target, { preventScroll: true });
      const shown = target.closest('.field') ?? target;
      const { top, bottom } = shown.getBoundingClientRect();
      if (top < 72 || bottom > innerHeight) { shown.scrollIntoView({ block: shown.matches('.field') ? 'center' : 'start' }); }
    },
    toEnd(element) { if (element) { element.scrollTop = element.scrollHeight; } },
  };
})();
