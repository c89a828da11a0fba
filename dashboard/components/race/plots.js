// The two charts of race.js. Both files are one module: the Python side joins them.

const MOST_POINTS = 400, MARGIN = { l: 52, r: 10, t: 6, b: 34 };   // epochs drawn of a curve; px

/** Draws what is behind: the legend's numbers, the curves, the best of each run. */
async function draw(s) {
  if (s.drawing) { s.again = true; return s.drawing; }
  s.drawing = (async () => {
    do { s.again = false; await drawAll(s); } while (s.again);
  })();
  try { await s.drawing; } catch (error) { if (!s.life.signal.aborted) console.error(error); } finally { s.drawing = null; }
}

async function drawAll(s) {
  const look = JSON.stringify(s.colours = theme(s)) + s.data.measure;
  if (!s.fresh && look === s.look) return;
  const lanes = s.lanes.map(lane => ({ ...lane, all: lane.runs.map(one => s.runs.get(one.run)) }));
  for (const lane of lanes) label(s, lane);
  if (!s.P || s.held || !lanes.some(lane => lane.all.some(one => one.rows.length))) return;
  s.look = look;
  s.fresh = false;
  const bands = lanes.map(lane => band(s, lane)), strip = lanes.map(lane => lane.all.map(one => best(s, one)));
  await show(s, s.curves, bands.flatMap((found, i) => curve(lanes[i], found)), sight(s, bands), 'epoch');
  await show(s, s.strip, lanes.flatMap((lane, i) => dots(s, lane, strip[i], i)), between(strip.flat().filter(Number.isFinite), 0.18), '', lanes.length);
  s.curves.box.setAttribute('aria-label', `${s.data.title} on validation rows by epoch, a line for each variant`);
  s.strip.box.setAttribute('aria-label', lanes.map((lane, i) => `${lane.name}: ${scoreText(s.data, mean(strip[i].filter(Number.isFinite)))}`).join(', '));
}

function label(s, lane) {
  const found = lane.all.map(one => best(s, one)).filter(Number.isFinite);
  put(lane.value, scoreText(s.data, mean(found)));
  put(lane.state, progress(lane.all));
  lane.item.dataset.best = mean(found) ?? '';
}

/** How far a variant's runs are, in a word or two; of runs that are over nothing is known before the first answer either. */
function progress(runs) {
  const at = runs.find(one => !one.done && one.rows.length), done = runs.filter(one => one.done).length;
  if (at) return `epoch ${at.rows.at(-1)[0]}`;
  return done ? `${done} of ${runs.length}` : runs.some(one => one.state === 'connecting') ? 'loading' : 'queued';
}

/**
 * {x, mean, low, high} of a variant's runs at each epoch. A run that is over counts on with its last number: runs end early at
 * different epochs, and a mean over those that are left would jump. One that still trains counts as far as it has come.
 */
function band(s, lane) {
  const runs = lane.all.filter(one => one.rows.length).map(one => ({ ...one, of: number(one, s.data.measure) }));
  const last = Math.max(0, ...runs.map(one => one.rows.length)), every = Math.ceil(last / MOST_POINTS) || 1, found = { x: [], mean: [], low: [], high: [] };
  for (let at = 0; at < last; at = at === last - 1 ? last : Math.min(at + every, last - 1)) {
    const values = runs.map(one => at < one.rows.length ? one.of(one.rows[at]) : one.done ? one.of(one.rows.at(-1)) : null).filter(v => v !== null);
    if (!values.length) continue;
    found.x.push(at + 1);
    found.mean.push(mean(values));
    found.low.push(Math.min(...values));
    found.high.push(Math.max(...values));
  }
  return found;
}

function curve(lane, { x, mean, low, high }) {
  const edge = { x, type: 'scatter', mode: 'lines', line: { width: 0 }, hoverinfo: 'skip' };
  return [{ ...edge, y: low }, { ...edge, y: high, fill: 'tonexty', fillcolor: clear(lane.colour, 0.16) },
    { x, y: mean, type: 'scatter', mode: x.length < 3 ? 'lines+markers' : 'lines', name: plotlyText(lane.name), line: { width: 2, color: lane.colour }, marker: { size: 5 }, hovertemplate: '%{y}' }];
}

/** A dot for each seed and a bar at their mean, on a line of its own for each variant. */
function dots(s, lane, values, i) {
  const there = values.filter(Number.isFinite), x = there.map((_, k) => i + (k - (there.length - 1) / 2) * 0.09);
  const middle = mean(there);
  return [{ x, y: there, type: 'scatter', mode: 'markers', name: plotlyText(lane.name), marker: { size: 8, color: clear(lane.colour, 0.55), line: { width: 1.25, color: lane.colour } },
    hovertemplate: '%{y}<extra></extra>' },
  { x: middle === null ? [] : [i - 0.26, i + 0.26], y: middle === null ? [] : [middle, middle], type: 'scatter', mode: 'lines', line: { width: 3, color: lane.colour }, hoverinfo: 'skip' }];
}

/** [low, high] of the curves; a few far first epochs are cut off. */
function sight(s, bands) {
  const all = bands.flatMap(one => [...one.low, ...one.high]);
  if (!all.length) return [0, 1];
  const sorted = all.toSorted((a, b) => a - b), at = share => sorted[Math.floor(share * (sorted.length - 1))];
  let low = sorted[0], high = sorted.at(-1);
  if (all.length >= 40) {
    if (s.data.larger) low = Math.max(low, high - 4 * (high - at(0.08)) || low);
    else high = Math.min(high, low + 4 * (at(0.92) - low) || high);
  }
  return between([low, high], 0.06);
}

function between(values, room) {
  if (!values.length) return [0, 1];
  const low = Math.min(...values), high = Math.max(...values), pad = (high - low || Math.abs(high) * 0.1 || 1) * room;
  return [low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
}

async function show(s, c, traces, range, below, lanes = 0) {
  const { colours } = s, font = { family: colours.font, size: 11, color: colours.quiet };
  const axis = { zeroline: false, showline: false, gridcolor: colours.grid, ticks: '', tickfont: font, fixedrange: !!lanes };
  const xaxis = lanes
    ? { ...axis, range: [-0.6, lanes - 0.4], showgrid: false, tickmode: 'array', tickvals: s.lanes.map((_, i) => i), ticktext: s.lanes.map(lane => cut(lane.name, (c.host.clientWidth - MARGIN.l - MARGIN.r) / lanes)) }
    : { ...axis, showgrid: false, tickformat: ',d', hoverformat: ',d', unifiedhovertitle: { text: 'epoch %{x}' }, title: { text: below, standoff: 3, font }, rangemode: 'normal' };
  const prefix = s.data.unit === '$' ? '$' : '', format = s.data.share ? '.1~%' : '.3~s';
  const yaxis = { ...axis, tickprefix: prefix, tickformat: s.data.share || Math.max(...range.map(Math.abs)) >= 1e4 ? format : '.4~g', nticks: 6,
    hoverformat: s.data.share ? '.1%' : Math.max(...range.map(Math.abs)) >= 1e4 ? ',.0f' : ',.4~g', range: c.zoomed ? c.gd.layout.yaxis.range : range };
  if (c.zoomed) xaxis.range = c.gd.layout.xaxis.range;
  const layout = { height: s.data.height, autosize: true, margin: MARGIN, showlegend: false, font, xaxis, yaxis, hovermode: lanes ? 'closest' : 'x unified',
    hoverlabel: { font: { ...font, size: 12, color: colours.text }, bgcolor: colours.raised, bordercolor: colours.grid },
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', dragmode: lanes || matchMedia('(pointer: coarse)').matches ? false : 'zoom' };
  await s.P.react(c.host, traces, layout, { displayModeBar: false, doubleClick: false, showTips: false });
  if (!c.gd) {
    c.gd = c.host;
    c.gd.on('plotly_relayout', e => { if (Object.keys(e).some(name => name.includes('axis.range['))) c.zoomed = true; });
    c.gd.on('plotly_doubleclick', () => { c.zoomed = false; s.fresh = true; draw(s); });
  }
  c.note.hidden = true;
  c.pictures.hidden = false;
}

/** What is saved of a chart: all that is drawn now, with a legend of the variants. */
function picture(s, c, file) {
  const top = 56, { layout } = c.gd, legend = { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', bgcolor: 'rgba(0,0,0,0)' };
  return { P: s.P, file, title: c.title.textContent, data: c.gd.data.map(trace => ({ ...trace, showlegend: !!trace.name && trace.line?.width > 0 })),
    layout: { ...layout, font: { ...layout.font, color: s.colours.text }, showlegend: true, legend, height: layout.height + top, margin: { ...MARGIN, t: MARGIN.t + top } } };
}

/** Names below the strip, of which each has so many px. */
function cut(name, room) {
  const most = Math.max(8, Math.min(24, Math.floor(room / 6.5))), own = name.replace(/^(learning rate|dropout|batch size) /, '').replace(/ (units|hidden layers?)$/, '');
  return plotlyText(own.length > most ? `${own.slice(0, most - 1)}…` : own);
}

/** "#4c6ef5", 0.16 -> "rgba(76,110,245,0.16)" */
const clear = (colour, share) => `rgba(${[1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16)).join(',')},${share})`;

/** The colours of Streamlit's theme, as it is now. */
function theme(s) {
  const css = getComputedStyle(s.parent), of = (name, other) => css.getPropertyValue(`--st-${name}`).trim() || other, text = of('text-color', '#31333f');
  return { text, font: of('font', 'sans-serif'), quiet: /^#[0-9a-f]{6}$/i.test(text) ? clear(text, 0.68) : text, grid: 'rgba(128,128,128,0.18)', raised: of('secondary-background-color', '#f0f2f6') };
}
