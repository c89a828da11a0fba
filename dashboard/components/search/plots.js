// The charts of search.js. All files are one module: the Python side joins them.

const MARGIN = { l: 52, r: 10, t: 6, b: 34 }, SLICE = 130, LARGE_SLICE = 190, MOST_SLICES = 8, RECENT = 3;   // px, px, px, settings, pruned trials that are not faded yet
const LEAST_SLICE = 168, LETTER = 5.6, AXIS = 56;   // px: width of a setting's card, of a letter, and of what stands beside the plot in a card
const BEST = '#12a37a', START = '#e8770c', OTHER = { light: '#4c6ef5', dark: '#91a7ff' };

/** Draws what is behind: one drawing at a time, and once more for what came meanwhile. */
async function draw(s) {
  if (s.drawing) { s.waiting = true; return s.drawing; }
  s.drawing = (async () => { do { s.waiting = false; await drawAll(s); } while (s.waiting); })();
  try { await s.drawing; } catch (error) { if (!s.life.signal.aborted) console.error(error); } finally { s.drawing = null; }
}

async function drawAll(s) {
  const look = JSON.stringify(s.colours = theme(s));
  if (!s.told || (!s.fresh && look === s.look)) return;
  const fresh = s.ended || look !== s.look || !s.slices;
  importance(s);
  table(s);
  const all = ordered(s);
  s.root.style.setProperty('--ld-search-other', s.colours.other);
  keys(s, all);
  if (!s.P || s.held || !all.some(t => t.curve.length)) return;
  Object.assign(s, { look, fresh: false, ended: false });
  await show(s, s.curves, curves(s, all), { title: 'epoch' }, sight(s, all));
  await show(s, s.bests, bests(s, all), { title: 'trial', range: [0.4, Math.max(all.length, s.data.state === 'running' ? s.data.trials ?? 0 : 0, 3) + 0.6] }, between(all.filter(t => t.over).map(t => t.best).filter(Number.isFinite), 0.1, s));
  s.curves.frame.setAttribute('aria-label', `${s.data.title} on validation rows by epoch, a line for each of ${all.length} trials`);
  s.bests.frame.setAttribute('aria-label', `The best of ${all.length} trials is ${scoreText(s.data, s.trials.get(s.told.best)?.best)}`);
  if (fresh) await slices(s, all);
}

/** What the lines mean, of those that are drawn. */
function keys(s, all) {
  const best = s.trials.get(s.told.best), start = s.trials.get(1), others = all.filter(t => t !== best && t !== start);
  s.key.hidden = !all.some(t => t.curve.length);
  const words = { best: best && (best === start ? 'best trial, the start' : 'best trial'), start: start && start !== best && 'start', other: others.some(t => !t.pruned) && 'other trials', pruned: others.some(t => t.pruned) && 'pruned' };
  for (const [name, item] of Object.entries(s.keys)) {
    item.hidden = !words[name];
    put(item.lastChild, words[name] || '');
  }
}

/** Of many trials one trace, with gaps between them. */
function joined(trials, name, line) {
  const x = [], y = [], text = [];
  for (const t of trials) {
    for (const [epoch, score] of t.curve) { x.push(epoch); y.push(score); text.push(`trial ${t.number}`); }
    x.push(null); y.push(null); text.push('');
  }
  return { x, y, text, name, type: 'scatter', mode: trials.some(t => t.curve.length < 3) ? 'lines+markers' : 'lines', line, marker: { size: 3.5, color: line.color }, hovertemplate: `%{text}, epoch %{x}<br>%{y}<extra></extra>` };
}

function curves(s, all) {
  const best = s.trials.get(s.told.best), start = s.trials.get(1), others = all.filter(t => t !== best && t !== start), pruned = others.filter(t => t.pruned), other = s.colours.other;
  return [
    joined(pruned.slice(0, -RECENT), 'pruned', { width: 1, color: clear(other, 0.25) }),
    joined(pruned.slice(-RECENT), 'pruned', { width: 1, color: clear(other, 0.4) }),
    joined(others.filter(t => t.over && !t.pruned), 'trials', { width: 1.25, color: clear(other, Math.max(0.15, Math.min(0.6, 20 / others.length))) }),
    joined(others.filter(t => !t.over), 'going on', { width: 1.75, color: other }),
    joined(start && start !== best ? [start] : [], 'start', { width: 1.75, color: START, dash: 'dot' }),
    joined(best ? [best] : [], 'best', { width: 2.5, color: BEST }),
  ].filter(trace => trace.x.length);
}

function bests(s, all) {
  const dots = (trials, name, marker) => ({ x: trials.map(t => t.number), y: trials.map(t => t.best), text: trials.map(t => summary(s, t)), name, type: 'scatter', mode: 'markers', marker, hovertemplate: '%{text}<br>%{y}<extra></extra>' });
  const scored = all.filter(t => t.over && Number.isFinite(t.best)), good = scored.filter(t => t.ranked), steps = { x: [], y: [] };
  for (const t of good) {
    const before = steps.y.at(-1);
    steps.x.push(t.number);
    steps.y.push(before === undefined ? t.best : s.data.larger ? Math.max(before, t.best) : Math.min(before, t.best));
  }
  const best = s.trials.get(s.told.best), last = scored.at(-1)?.number, other = s.colours.other;
  if (steps.x.length && last > steps.x.at(-1)) { steps.x.push(last); steps.y.push(steps.y.at(-1)); }   // No pruned trial is the best.
  return [
    { ...steps, type: 'scatter', mode: 'lines', line: { width: 2, color: BEST, shape: 'hv' }, hoverinfo: 'skip' },
    dots(scored.filter(t => !t.ranked), 'pruned', { size: 6, color: clear(other, 0.35) }),
    dots(good, 'trials', { size: 7, color: clear(other, 0.7) }),
    dots(s.trials.get(1)?.ranked ? [s.trials.get(1)] : [], 'start', { size: 8, color: START }),
    dots(best ? [best] : [], 'best', { size: 9, color: BEST }),
  ];
}

const summary = (s, t) => [`trial ${t.number}${t.pruned ? ', pruned' : ''}`, ...s.data.dimensions.map(d => `${plotlyText(d.title)}: ${plotlyText(setting(d, t.values[d.path]))}`)].join('<br>');

/** Each setting against the score, the most important first. */
async function slices(s, all) {
  const scored = all.filter(t => t.over && Number.isFinite(t.best)), shares = s.told.importances ?? {};
  s.slicesBox.hidden = scored.length < 3;
  if (scored.length < 3) return;
  const dimensions = s.data.dimensions.toSorted((a, b) => (shares[b.path] ?? 0) - (shares[a.path] ?? 0)).slice(0, MOST_SLICES);
  s.slices ??= dimensions.map(() => card(s, s.slicesBox));
  const range = sight(s, scored.map(t => ({ curve: [[0, t.best]] }))), other = s.colours.other;
  const height = s.data.table ? SLICE : LARGE_SLICE, width = s.slicesBox.clientWidth, columns = evenColumns(dimensions.length, width);
  s.slicesBox.style.setProperty('--ld-search-columns', columns);
  for (const [i, d] of dimensions.entries()) {
    const c = s.slices[i], there = scored.filter(t => t.values[d.path] !== undefined), best = there.filter(t => t.number === s.told.best);
    put(c.title, d.title);
    c.frame.style.height = `${height}px`;
    c.frame.setAttribute('aria-label', `${d.title} of each trial against ${s.data.title}`);
    const dots = (trials, color, size) => ({ x: trials.map(t => t.values[d.path]), y: trials.map(t => t.best), text: trials.map(t => `trial ${t.number}<br>${plotlyText(setting(d, t.values[d.path]))}`), type: 'scatter', mode: 'markers', marker: { size, color }, hovertemplate: '%{text}<br>%{y}<extra></extra>' });
    const axis = across(d, width / columns - AXIS);
    await show(s, c, [dots(there.filter(t => !t.ranked), clear(other, 0.35), 5), dots(there.filter(t => t.ranked), clear(other, Math.max(0.3, Math.min(0.7, 40 / there.length))), 6), dots(best, BEST, 8)], axis, range, height, true);
  }
}

/** Columns of cards in rows of about as many each: 6 cards where 4 find room -> 3, 5 -> 3, 7 where 8 find room -> 7. */
function evenColumns(cards, width) {
  const most = Math.max(1, Math.floor(width / LEAST_SLICE));
  return Math.ceil(cards / Math.ceil(cards / most));
}

/** The axis of a setting over its whole range: a log scale is named at its ends and in the middle. */
function across(d, width) {
  if (d.choices.length) return { range: [-0.5, d.choices.length - 0.5], tickmode: 'array', tickvals: d.choices.map((_, at) => at), ticktext: namedChoices(d.choices, width), tickangle: 0 };
  if (!d.log) return { range: [d.low - 0.06 * (d.high - d.low), d.high + 0.06 * (d.high - d.low)], nticks: 5, ...(d.kind === 'int' ? { dtick: Math.max(1, Math.ceil((d.high - d.low) / 5)), tick0: d.low } : {}) };
  const ends = [d.low, d.high].map(Math.log10), room = 0.06 * (ends[1] - ends[0]), marks = [d.low, 10 ** ((ends[0] + ends[1]) / 2), d.high];
  return { type: 'log', range: [ends[0] - room, ends[1] + room], tickmode: 'array', tickvals: marks, ticktext: marks.map(v => setting(d, d.kind === 'int' ? Math.round(v) : v)) };
}

/** Names of choices below an axis of so many pixels; where they are too long for one line, every other one stands in a second line. */
function namedChoices(choices, width) {
  const letters = Math.floor(width / LETTER / choices.length), lines = choices.some(text => text.length >= letters) ? 2 : 1;
  const most = Math.max(3, lines * letters - 1);
  return choices.map((text, at) => (at % lines ? '<br>' : '') + plotlyText(text.length > most ? `${text.slice(0, most - 1)}…` : text));
}

/** [low, high] of the curves; a few far points, such as first epochs, are cut off. */
function sight(s, trials) {
  const all = trials.flatMap(t => t.curve.map(point => point[1])).filter(Number.isFinite);
  if (!all.length) return [0, 1];
  const sorted = all.toSorted((a, b) => a - b), at = share => sorted[Math.floor(share * (sorted.length - 1))];
  let low = sorted[0], high = sorted.at(-1);
  if (all.length >= 12) {
    if (s.data.larger) low = Math.max(low, high - 3 * (high - at(0.2)) || low);
    else high = Math.min(high, low + 3 * (at(0.8) - low) || high);
  }
  return between([low, high], 0.06);
}

function between(values, room, s) {
  if (!values.length) return [0, 1];
  if (s && values.length >= 12) return sight(s, [{ curve: values.map(v => [0, v]) }]);
  const low = Math.min(...values), high = Math.max(...values), pad = (high - low || Math.abs(high) * 0.1 || 1) * room;
  return [low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
}

async function show(s, c, traces, axes, range, height = s.data.height, small = false) {
  const { colours } = s, font = { family: colours.font, size: (small ? 10 : 11) + (s.data.table ? 0 : 3), color: colours.quiet }, large = Math.max(...range.map(Math.abs)) >= 1e4;
  const axis = { zeroline: false, showline: false, gridcolor: colours.grid, ticks: '', tickfont: font };
  const { title, ...more } = axes;
  const xaxis = { ...axis, showgrid: false, nticks: 6, ...(title ? { tickformat: ',d', title: { text: title, standoff: 3, font } } : {}), ...more };
  const prefix = s.data.unit === '$' ? '$' : '';
  const yaxis = { ...axis, tickprefix: prefix, tickformat: s.data.share ? '.1~%' : large ? '.3~s' : '.4~g', nticks: small ? 4 : 6, hoverformat: s.data.share ? '.1%' : large ? ',.0f' : ',.4~g', range };
  const layout = { height, autosize: true, margin: small ? { l: 44, r: 6, t: 4, b: xaxis.ticktext?.some(text => text.startsWith('<br>')) ? 36 : 24 } : MARGIN, showlegend: false, font, xaxis, yaxis, hovermode: 'closest',
    hoverlabel: { font: { ...font, size: 12, color: colours.text }, bgcolor: colours.raised, bordercolor: colours.grid, align: 'left' },
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', dragmode: false };
  await s.P.react(c.host, traces, layout, { displayModeBar: false, doubleClick: false, showTips: false });
  c.gd = c.host;
  c.note.hidden = true;
}

/** "#4c6ef5", 0.16 -> "rgba(76,110,245,0.16)" */
const clear = (colour, share) => `rgba(${[1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16)).join(',')},${share})`;

/** Whether letters of that colour, "#fafafa" or "rgb(250, 250, 250)", stand on a dark ground. */
function bright(colour) {
  const parts = colour.startsWith('#') ? [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16)) : (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  return parts.reduce((sum, part) => sum + part, 0) > 384;
}

/** The colours of Streamlit's theme, as it is now. */
function theme(s) {
  const css = getComputedStyle(s.parent), of = (name, other) => css.getPropertyValue(`--st-${name}`).trim() || other, text = of('text-color', '#31333f');
  return { text, other: bright(text) ? OTHER.dark : OTHER.light, font: of('font', 'sans-serif'), quiet: /^#[0-9a-f]{6}$/i.test(text) ? clear(text, 0.68) : text, grid: 'rgba(128,128,128,0.18)', raised: of('secondary-background-color', '#f0f2f6') };
}
