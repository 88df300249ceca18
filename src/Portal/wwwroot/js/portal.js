// What needs no round trip to the server: copying, the palette's shortcut, menus, dialogs, following a log.
(function () {
  const announce = (text) => {
    const box = document.getElementById('announcer');
    if (box) { box.textContent = ''; requestAnimationFrame(() => { box.textContent = text; }); }
  };

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

  // A plain form is sent once: a second click while the answer is on its way does nothing.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('[data-once]')) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = 'yes';
    form.querySelectorAll('button[type=submit]').forEach((b) => b.setAttribute('aria-busy', 'true'));
    setTimeout(() => { delete form.dataset.sent; }, 15000);
  });

  window.portal = {
    announce,
    showModal(dialog) { if (dialog && !dialog.open) { dialog.showModal(); dialog.querySelector('[autofocus]')?.focus(); } },
    submit(form) { if (form && !form.dataset.sent) { form.requestSubmit(); } },
    toEnd(element) { if (element) { element.scrollTop = element.scrollHeight; } },
  };
})();
