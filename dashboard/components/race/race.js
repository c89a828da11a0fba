// A race: runs of several variants, some seeds each, followed while they train. Polls their epochs from a route of the same server,
// only of runs that train or are next, so that thirty runs ask no more of the server than two or three.
//
//   data:    {race, lanes: [{name, colour, runs: [{run, url}]}], measure, title, file, larger, share, unit, height, lib}    see __init__.py
//   trigger: ended = the race's id, once, when the last run ends of a race that was seen running, or whose page was drawn before
//   tests:   .ld-race[data-race][data-over][data-epochs], .ld-race-lane[data-best]

const OVER = new Set(['finished', 'stopped', 'failed', 'interrupted', 'missing']), KEPT = new Set(['finished', 'stopped']);
const PACE = 350, HIDDEN = 2000, ALL = 12, FULL_ANSWER = 2000;   // ms, ms, rounds between two in which all are asked, rows

export default lasting(mount, take, unmount);

const el = elements('ld-race');

function mount(parent) {
  const s = { parent, runs: new Map(), life: new AbortController(), round: 0, errors: 0 };
  s.root = document.createElement('div');
  s.root.className = 'ld-race';
  parent.append(s.root);
  headline(el, s, 'Runs of the race');
  s.legend = el('div', 'legend', s.root);
  const grid = el('div', 'grid', s.root);
  for (const name of ['curves', 'strip']) {
    const card = el('section', 'card', grid);
    s[name] = { title: el('header', 'title', card), box: el('div', 'chart', card) };
    s[name].host = el('div', 'plot', s[name].box);
    s[name].note = el('div', 'note', s[name].box, 'Waiting for the first epoch…');
    s[name].box.setAttribute('role', 'img');
    const says = name === 'curves' ? 'curves' : 'best epochs', c = s[name];
    c.pictures = pictureButtons(card, says, () => picture(s, c, `${s.data.file}-${says.replace(' ', '-')}`));
    c.pictures.hidden = true;
    s[name].box.addEventListener('pointerdown', () => { s.held = true; }, true);
  }
  drawOnRelease(s, draw);
  followWidth(s, grid, () => [s.curves, s.strip]);
  return s;
}

function unmount(s) {
  s.life.abort();
  clearTimeout(s.timer);
  s.sizes.disconnect();
  for (const c of [s.curves, s.strip]) if (c.gd) s.P.purge(c.gd);
  s.root.remove();
}

function take(s, data) {
  const other = data.race !== s.data?.race, measure = data.measure !== s.data?.measure;
  s.data = data;
  if (other) start(s);
  if (other || measure) {
    put(s.curves.title, `${data.title} by epoch, validation`);
    put(s.strip.title, `At each run's best epoch`);
    for (const c of [s.curves, s.strip]) { c.box.style.height = `${data.height}px`; c.zoomed = false; }
    legend(s);
  }
  draw(s);
}

/** Begins at the first epoch of every run. */
function start(s) {
  clearTimeout(s.timer);
  s.asking?.abort();
  s.asking = new AbortController();
  s.runs = new Map(s.data.lanes.flatMap(lane => lane.runs).map(one => [one.run, { ...one, rows: [], names: [], state: 'connecting', misses: 0 }]));
  Object.assign(s, { round: 0, errors: 0, running: !s.data.over, fresh: true });
  s.root.dataset.race = s.data.race;
  library(s);
  poll(s, s.asking.signal);
}

function legend(s) {
  s.legend.replaceChildren();
  s.lanes = s.data.lanes.map(lane => {
    const item = el('div', 'lane', s.legend), dot = el('span', 'dot', item);
    dot.style.background = lane.colour;
    el('span', 'name', item, lane.name);
    return { ...lane, item, value: el('span', 'value', item, '–'), state: el('span', 'state', item) };
  });
}

/** Plotly.js, one script tag for the page: all charts use the same. */
async function library(s) {
  try {
    s.P = await plotly(s.data.lib);
    draw(s);
  } catch {
    if (!s.life.signal.aborted) for (const c of [s.curves, s.strip]) put(c.note, 'The chart library did not load: reload the page.');
  }
}

async function poll(s, signal) {
  const left = [...s.runs.values()].filter(one => !one.done), waiting = left.filter(one => one.state === 'queued');
  const all = s.round++ % ALL === 0, asked = left.filter(one => all || one.state !== 'queued' || waiting.indexOf(one) < 2);
  let more = false, lost = false;
  for (const one of asked) {   // One after the other: a browser has six connections to a server, and other charts poll too.
    if (signal.aborted || s.life.signal.aborted) return;
    try {
      const url = new URL(one.url, location.origin);
      url.searchParams.set('since', one.rows.at(-1)?.[0] ?? 0);
      const reply = await fetch(url, { signal: AbortSignal.any([signal, s.life.signal, AbortSignal.timeout(10000)]), cache: 'no-store' });
      if (reply.status >= 500) throw new Error(reply.status);
      const answer = await reply.json();
      more = learn(s, one, reply.ok ? answer : null) || more;
    } catch { lost = true; break; }
  }
  if (signal.aborted || s.life.signal.aborted) return;
  s.errors = lost ? s.errors + 1 : 0;
  const over = [...s.runs.values()].every(one => one.done);
  status(s, over);
  if (!document.hidden || over) await draw(s);
  if (over) {
    if (s.running) s.trigger('ended', s.data.race);
    s.running = false;
    return;
  }
  s.timer = setTimeout(poll, lost ? Math.min(500 * 2 ** (s.errors - 1), 10000) : more ? 0 : document.hidden ? HIDDEN : PACE, s, signal);
}

/** Keeps an answer; true when there is more to fetch at once. */
function learn(s, one, answer) {
  if (!answer) {   // A run that was handed in a moment ago may not be known yet.
    if (++one.misses > 3) Object.assign(one, { state: 'missing', done: true });
    return false;
  }
  const last = one.rows.at(-1)?.[0] ?? 0, rows = answer.rows.filter(row => row[0] > last);
  one.rows.push(...rows);
  Object.assign(one, { state: answer.state, names: answer.names ?? one.names, best: answer.best, epochs: answer.epochs });
  const more = rows.length >= FULL_ANSWER;
  one.done = OVER.has(one.state) && !more;
  s.running ||= !OVER.has(one.state);
  s.fresh ||= rows.length > 0 || one.done;
  return more;
}

// ---------------------------------------------------------------- words

const best = (s, one) => one.best ? number(one, s.data.measure)(one.rows.find(row => row[0] === one.best)) : null;
const mean = values => values.length ? values.reduce((sum, v) => sum + v, 0) / values.length : null;

/** A row's number of the measure on validation rows, or null. */
function number(one, measure) {
  const at = one.names.indexOf(`val_${measure}`) + 1;
  return row => row && at && Number.isFinite(row[at]) ? row[at] : null;
}

function status(s, over) {
  const runs = [...s.runs.values()], done = runs.filter(one => one.done).length, at = runs.find(one => !one.done && one.rows.length) ?? runs.find(one => one.state === 'preparing');
  const kept = runs.filter(one => KEPT.has(one.state)).length, facts = [`${done} of ${counted(runs.length, 'run')} ended`];
  if (at?.rows.length) facts.push(`epoch ${at.rows.at(-1)[0]} of ${at.epochs}`);
  put(s.word, s.errors ? 'Connection lost' : over ? kept === runs.length ? 'Finished' : 'Finished, some runs without a score' : at ? 'Training' : 'Waiting');
  put(s.facts, s.errors ? 'trying again' : over ? counted(runs.length, 'run') : facts.join(' · '));
  s.fill.style.transform = `scaleX(${runs.reduce((sum, one) => sum + (one.done ? 1 : one.epochs ? (one.rows.at(-1)?.[0] ?? 0) / one.epochs : 0), 0) / runs.length})`;
  s.bar.setAttribute('aria-valuemax', runs.length);
  s.bar.setAttribute('aria-valuenow', done);
  Object.assign(s.root.dataset, { over: String(over), epochs: runs.reduce((sum, one) => sum + one.rows.length, 0) });
}
