// The importance of the settings and the table of trials of search.js.

const SHOWN = 8;   // trials

function importance(s) {
  const shares = s.told?.importances;
  s.importance.hidden = !shares;
  if (!shares) return;
  const rows = s.data.dimensions.map(d => [d.title, shares[d.path] ?? 0]).sort((a, b) => b[1] - a[1]);
  s.shares.replaceChildren(...rows.map(([title, share]) => {
    const row = el('div', 'share');
    el('span', 'share-name', row, title);
    const track = el('span', 'track', row);
    el('span', 'share-bar', track).style.width = `${100 * share}%`;
    el('span', 'share-value', row, `${Math.round(100 * share)}%`);
    return row;
  }));
}

/** The best trials first, and the start; all of them when asked for. */
function table(s) {
  const best = ranked(s), rest = ordered(s).filter(t => !best.includes(t)), all = [...best, ...rest];
  s.table.hidden = !all.length || !s.data.table;
  if (s.table.hidden) return;
  const shown = s.all ? all : all.slice(0, SHOWN), start = s.trials.get(1);
  if (start && !shown.includes(start)) shown.push(start);
  const whole = document.createElement('table'), head = el('tr', '', el('thead', '', whole));
  for (const title of ['Trial', s.data.title, '', ...s.data.dimensions.map(d => d.title)]) el('th', '', head, title);
  const body = el('tbody', '', whole);
  for (const t of shown) body.append(row(s, t));
  const focused = s.table.contains(document.activeElement) ? document.activeElement.dataset.at : null, across = s.table.querySelector('.ld-search-scroll')?.scrollLeft ?? 0;
  const scroll = el('div', 'scroll');
  scroll.append(whole);
  s.table.replaceChildren(scroll);
  if (all.length > SHOWN) {
    const button = el('button', 'more', s.table, s.all ? 'Show the best' : `Show all ${all.length} trials`);
    button.type = 'button';
    button.dataset.at = 'more';
    button.addEventListener('click', () => { s.all = !s.all; table(s); });
  }
  scroll.scrollLeft = across;
  if (focused) s.table.querySelector(`[data-at="${focused}"]`)?.focus();
}

function row(s, t) {
  const line = el('tr', `row${t.number === s.told?.best ? ' top' : ''}${t.pruned ? ' faded' : ''}`);
  line.dataset.number = t.number;
  line.dataset.best = t.best ?? '';
  const name = el('td', 'name', line);
  if (t.run) {
    const link = el('a', '', name, `${t.number}${t.number === 1 ? ', start' : ''}`);
    link.href = s.data.run + t.run;
    link.title = 'Result of the run';
  } else name.append(String(t.number));
  el('td', 'score', line, t.pruned ? `${scoreText(s.data, t.best)}, pruned at epoch ${t.epoch}` : !t.over ? `${scoreText(s.data, t.best)}, ${t.epoch ? `epoch ${t.epoch}` : t.state === 'queued' ? 'waiting' : 'starting'}` : Number.isFinite(t.best) ? scoreText(s.data, t.best) : 'no score').title = t.says ?? '';
  const button = el('button', 'open', el('td', '', line), 'Open');
  button.type = 'button';
  button.dataset.at = t.number;
  button.setAttribute('aria-label', `Open trial ${t.number} as the experiment`);
  button.addEventListener('click', () => s.trigger('opened', t.number));
  for (const d of s.data.dimensions) el('td', '', line, setting(d, t.values[d.path]));
  return line;
}
