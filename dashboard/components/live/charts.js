// The charts of live.js: what is drawn, how the axes keep calm, and where the labels of baselines find room.
// All files are one module: the Python side joins them.

const THIN_ABOVE = 2000;     // points
const FLATTEN = 20;          // a baseline may squeeze the curves to this part of their height, no further
const MARGIN = { l: 44, r: 8, t: 6, b: 32 };   // fixed, so that wider numbers don't shift the curves
const LABEL = 14;            // px, height of a baseline's label
const LETTER = 6;            // px, width of a letter of it, rather more than less
const DOT = 7;               // px around the middle of the best epoch's dot that a label leaves free
// px of a curve below a label that are as bad as a baseline through it, the dot below it, a place at the left end, one left of the dot, a pixel away from its line, another place than before.
const STRUCK = 25, DOTTED = 40, ASIDE = 50, BESIDE = 10, AWAY = 1, MOVED = 20;
const AWAYS = [0, 7, 14, 21, 28, 35];   // px that labels may be away from their lines, where curves run beside these

const column = (s, key) => { const i = s.names.indexOf(key); return i < 0 ? () => null : row => Number.isFinite(row[i + 1]) ? row[i + 1] : null; };
const latest = (s, c, i) => s.rows.length ? column(s, c.keys[i])(s.rows.at(-1)) : null;

function redraw(s) {
  for (const c of s.charts) c.stale = true;
  if (s.data) status(s);
  return drawAll(s);
}

/** Draws what is behind. `all`: charts out of sight too. */
async function drawAll(s, all = false) {
  if (s.drawing) { s.again = { all: all || s.again?.all }; return s.drawing; }
  s.drawing = (async () => {
    do {
      all ||= !!s.again?.all;
      s.again = null;
      let anew = false;   // one chart at a time, so that no frame waits for all of them
      for (const c of s.charts) {
        if (!s.P || s.held || !s.rows.length || !c.width || !(c.seen || all)) continue;
        const full = c.stale || !anew && late(s, c);
        anew ||= full;
        if (full || c.drawn < s.rows.length || c.frame !== s.frame) await draw(s, c, full);
      }
    } while (s.again && !s.held);
  })();
  try { await s.drawing; } catch (error) { if (!s.life.signal.aborted) console.error(error); } finally { s.drawing = null; }
}

/** A score beside a curve, where there is no room for more: 841,588,117 -> 841.6M, 3.44 billion -> 3.44B, as on the axis. */
function besideCurve(c, v) {
  if (!c.share && Math.abs(v) >= 1e6 && Math.abs(v) < 999.95e6) return inUnit(c.unit, v, x => `${Number((x / 1e6).toPrecision(4))}M`);
  return scoreText(c, v).replace(/ (b|t)r?illion/, (_, sign) => sign.toUpperCase());
}

async function draw(s, c, full) {
  if (full || !c.gd || !follow(s, c)) await plot(s, c);
  if (!c.gd) return;
  c.chips.forEach((value, i) => put(value, besideCurve(c, latest(s, c, i))));
  c.box.dataset.points = c.drawn;
}

/** Has Plotly draw all there is. */
async function plot(s, c) {
  const began = performance.now(), fresh = !c.gd, n = s.rows.length, seen = { plotted: n, drawn: n, frame: s.frame, extent: extent(s, c), best: s.answer.best };
  c.stale = false;
  c.log = s.log && !(extent(s, c)[0] <= 0);
  const layout = arrange(s, c, fresh ? { xaxis: {}, yaxis: {} } : c.gd.layout), averages = c.keys.map(() => averaging(SMOOTHING[s.smoothing])), all = traces(s, c, averages);
  c.box.dataset.faint = JSON.stringify(s.others.map(one => one.run));
  if (fresh) {
    c.gd = c.host;
    await s.P.newPlot(c.gd, all, layout, { displayModeBar: false, doubleClick: false, showTips: false });
    if (!c.gd) return;   // another run was begun meanwhile
    c.gd.on('plotly_relayout', e => {
      const names = Object.keys(e);
      for (const axis of ['x', 'y']) if (names.some(n => n.startsWith(`${axis}axis.range`))) c.zoom[axis] = true;
      if (names.some(n => n.includes('axis.range'))) redraw(s);
    });
    c.gd.on('plotly_doubleclick', () => { c.zoom = {}; redraw(s); });
    c.note.hidden = true;
    c.pictures.hidden = false;
  } else if (all.length !== c.gd.data.length) {
    await s.P.react(c.gd, all, layout);
  } else {
    all.forEach((trace, i) => Object.assign(c.gd.data[i], trace));
    await s.P.redraw(c.gd);
  }
  if (!c.gd) return;
  grip(s, c, seen, averages);
  tell(c.box, 'aria-label', spoken(s, c));
  c.at = performance.now();
  c.cost = c.at - began;
}

/** What is saved of a chart: all that is drawn now, with its title and a legend above it. */
function picture(s, c) {
  const data = traces(s, c, c.keys.map(() => averaging(SMOOTHING[s.smoothing]))), top = 56, { layout } = c.gd;
  data[2].showlegend = false;   // the dot of the best epoch
  const legend = { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', bgcolor: 'rgba(0,0,0,0)' };
  return { P: s.P, data, title: c.unit ? `${c.title}, ${c.unit}` : c.title, file: c.file,
    layout: { ...layout, font: { ...layout.font, color: s.colours.text }, showlegend: true, legend, height: layout.height + top, margin: { ...MARGIN, t: MARGIN.t + top } } };
}

/** What Plotly draws; `averages`: a function for each line, that has walked through all of its rows afterwards. */
function traces(s, c, averages) {
  const [from, to] = c.zoom.x ? c.gd.layout.xaxis.range : [-Infinity, Infinity];
  const rows = s.rows.slice(Math.max(0, seek(s.rows, from) - 1), seek(s.rows, Math.floor(to) + 1) + 1), { colours } = s;
  const lines = ['training', 'validation'].map((name, i) => ({
    ...thinned(rows, smoothed(s, c.keys[i], rows, averages[i]), Math.max(c.width, 200)), name, type: 'scatter', visible: !c.hidden[i],
    mode: rows.length < 3 ? 'lines+markers' : 'lines', marker: { size: 5, color: colours[name] },
    line: { width: i ? 1.75 : 1.25, color: colours[name] }, connectgaps: i === 1, hovertemplate: '%{y}',
  }));
  return [...lines, { ...mark(s, c), type: 'scatter', mode: 'markers', hoverinfo: 'skip',
    marker: { size: 8, color: colours.validation, line: { width: 1.5, color: colours.ground } } }, ...behind_it(s, c)];
}

/** The curves of other runs: validation where it was looked at, faint, with its name at the pointer. */
function behind_it(s, c) {
  return s.others.map(one => {
    const kept = outlined(c, one), pixels = Math.max(c.width, 200);
    if (kept.pixels !== pixels) Object.assign(kept, { pixels, line: thinned(one.rows, kept.of, pixels) });
    return { ...kept.line, name: plotlyText(one.name), type: 'scatter', mode: 'lines', connectgaps: true, opacity: 0.55,
      line: { width: 1.25, color: s.colours.quiet }, hovertemplate: '%{y} %{fullData.name}<extra></extra>' };
  });
}

/** What a chart shows of another run, whose rows don't change: its column, the lowest and the highest number after its first epochs. */
function outlined(c, one) {
  const key = one.names.includes(c.keys[1]) ? c.keys[1] : c.keys[0], all = one.outlines ??= {};
  if (all[key]) return all[key];
  const of = column(one, key);
  let low = Infinity, high = -Infinity;
  for (const v of one.rows.slice(-Math.ceil(one.rows.length * 0.9)).map(of)) if (v !== null) { low = Math.min(low, v); high = Math.max(high, v); }
  return all[key] = { of, low, high };
}

/** A column's values, or their average. */
function smoothed(s, key, rows, next) {
  const of = column(s, key);
  if (!s.smoothing) return of;
  const found = new Map(rows.map(row => [row, next(of(row))]));
  return row => found.get(row);
}

/** The dot of the best epoch, on validation where there is one. */
function mark(s, c) {
  const row = s.answer.best && s.rows[seek(s.rows, s.answer.best)];
  const y = row?.[0] === s.answer.best && !c.hidden[1] ? column(s, c.keys[1])(row) : null;
  return y === null ? { x: [], y: [] } : { x: [row[0]], y: [y] };
}

/** {x, y} with the lowest and the highest point of each pixel's share of rows, and the last row. */
function thinned(rows, of, pixels) {
  const x = [], y = [], put = row => { x.push(row[0]); y.push(of(row)); };
  if (rows.length <= THIN_ABOVE) rows.forEach(put);
  else for (let i = 0, buckets = Math.min(pixels, rows.length >> 1), size = rows.length / buckets; i < buckets; i++) {
    const share = rows.slice(Math.floor(i * size), Math.floor((i + 1) * size));
    let low = share[0], high = share[0];
    for (const row of share) { const v = of(row); if (v < of(low)) low = row; if (v > of(high)) high = row; }
    for (const row of low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low]) put(row);
  }
  if (rows.length && x.at(-1) !== rows.at(-1)[0]) put(rows.at(-1));
  return { x, y };
}

/** The chart's layout for the numbers there are now. Changed in place: Plotly keeps what it wrote there itself. */
function arrange(s, c, layout) {
  const { colours } = s, last = s.last, first = s.rows[0][0], font = { family: colours.font, size: 11, color: colours.quiet };
  const axis = { fixedrange: false, zeroline: false, showline: false, gridcolor: colours.grid, gridwidth: 1, ticks: '', tickfont: font };
  const baselines = Object.entries(s.answer.baselines).map(([name, of]) => ({ name, y: of?.[c.key] }))
    .filter(b => !without().has(b.name) && Number.isFinite(b.y) && (!c.log || b.y > 0));
  if (!c.zoom.x) layout.xaxis.range = [first, ENDED.has(s.answer.state) ? Math.max(last, first + 1) : horizon(last, first, s.answer.epochs)];
  if (!c.zoom.y) layout.yaxis.range = c.range = calm(c.range, span(s, c, baselines.map(b => b.y)));
  const xs = layout.xaxis.range, [low, high] = layout.yaxis.range, values = ticks(low, high, c.log);
  Object.assign(layout.xaxis, axis, { autorange: false, dtick: Math.max(step((xs[1] - xs[0]) / (c.width < 320 ? 4 : 7)), 1), tick0: 0, showgrid: false, tickformat: ',d', hoverformat: ',d',
    unifiedhovertitle: { text: 'epoch %{x}' }, title: { text: 'epoch', standoff: 3, font }, showspikes: false });
  Object.assign(layout.yaxis, axis, { type: c.log ? 'log' : 'linear', autorange: false, tickmode: 'array', tickvals: values, ticktext: values.map(v => tick(c, v)), ticklabelstandoff: 4,
    tickprefix: c.unit === '$' ? '$' : '', ticksuffix: c.unit && c.unit !== '$' ? ` ${plotlyText(c.unit)}` : '',   // of the hover's text
    hoverformat: c.share ? '.1%' : (c.log ? 10 ** high : high) >= 1e4 ? ',.0f' : ',.5~g' });
  const line = (x0, x1, y0, y1, more) => ({ type: 'line', layer: 'below', x0, x1, y0, y1, ...more });
  layout.shapes = baselines.map(b => line(0, 1, b.y, b.y, { xref: 'paper', line: { color: colours.base, width: 1, dash: '4px,4px' } }));
  const ruled = s.answer.validated !== false && s.answer.best && s.answer.best <= last;   // the best epoch's dotted line
  c.ruled = ruled ? layout.shapes.length : -1;
  if (ruled) layout.shapes.push(line(s.answer.best, s.answer.best, 0, 1, { yref: 'paper', line: { color: colours.base, width: 1, dash: '1px,2px' } }));
  const marks = (s.answer.marks ?? []).filter(m => m.epoch <= last);
  layout.shapes.push(...marks.map(m => line(m.epoch + 0.5, m.epoch + 0.5, 0, 1, { yref: 'paper', line: { color: colours.training, width: 1, dash: '2px,3px' } })));
  layout.annotations = [...labels(s, c, baselines, low, high), ...marks.map(m => changed(m, colours))];
  const hover = { font: { ...font, size: 12, color: colours.text }, bgcolor: colours.raised, bordercolor: colours.grid };
  return Object.assign(layout, { height: s.data.height, autosize: true, margin: { ...MARGIN }, uirevision: 1, hovermode: 'x unified', hoverlabel: hover, showlegend: false, font,
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', dragmode: matchMedia('(pointer: coarse)').matches ? false : 'zoom' });   // a finger scrolls the page
}

/**
 * Names of the baselines at the right end. Lines too close for a label between them share one block, which stands above or below
 * them, wherever it covers less of the curves, a little away from the lines where curves run along them; where it would cover much of
 * them on both sides, at the left end; left of the best epoch's dot where it would lie on it. It keeps its place until another one is
 * clearly better, so that names do not jump from epoch to epoch; at the end it has the best one. A baseline outside the chart stands at its edge with an arrow.
 */
function labels(s, c, baselines, low, high) {
  const tall = s.data.height - MARGIN.t - MARGIN.b, at = y => (high - (c.log ? Math.log10(y) : y)) / (high - low) * tall;
  const [from, to] = c.gd ? c.gd.layout.xaxis.range : [0, s.last], across = (c.width || 300) - MARGIN.l - MARGIN.r, px = x => (x - from) / (to - from) * across;
  const curves = c.keys.filter((_, i) => !c.hidden[i]).map(key => outline(s, key, from, to).map(([x, y]) => [px(x), at(y)]));
  const { x: [best], y: [value] } = mark(s, c);
  const dot = value === undefined || best > to ? null : { fromRight: across - px(best), top: at(value) };   // px
  const text = b => `${b.line < 0 ? '↑ ' : b.line > tall ? '↓ ' : ''}${plotlyText(b.name)} ${besideCurve(c, b.y)}`;
  const lines = baselines.map(b => ({ ...b, line: at(b.y) })).sort((p, q) => p.line - q.line), blocks = [];
  for (const b of lines) {
    const place = Math.min(Math.max(b.line, 0), tall), block = blocks.at(-1);
    if (block && place - block.end < LABEL + 2) Object.assign(block, { end: place, all: [...block.all, b] });
    else blocks.push({ start: place, end: place, all: [b] });
  }
  const free = { right: 0, left: 0 };
  const placed = blocks.flatMap(({ start, end, all }) => {
    const size = all.length * LABEL, clip = top => Math.max(Math.min(top, tall - size), 0), wide = LETTER * Math.max(...all.map(b => text(b).length));
    const dotted = top => dot && dot.fromRight < wide + DOT && dot.top > top - DOT && dot.top < top + size + DOT;
    const aside = (side, top) => side === 'right' && dotted(top) && dot.fromRight + DOT + wide < across ? dot.fromRight + DOT : 0;
    const covers = (side, top) => {   // px of the curves, and what is as bad
      if (top < free[side]) return Infinity;
      const x1 = side === 'right' ? across - aside(side, top) : wide, struck = lines.filter(b => b.line > top && b.line < top + size).length;
      return curves.reduce((sum, points) => sum + covered(points, x1 - wide, x1, top, top + size), 0) + STRUCK * struck
        + (side === 'left' ? ASIDE : aside(side, top) ? BESIDE : dotted(top) ? DOTTED : 0);
    };
    const names = all.map(b => b.name).join(), before = c.places?.[names];
    let chosen = null;
    for (const side of ['right', 'left']) for (const away of AWAYS) {
      let above = clip(start - size - 1 - away);
      if (above < free[side] && free[side] - above < LABEL / 2) above = free[side];   // a few pixels over its own line
      for (const [place, top] of [[`above ${side} ${away}`, above], [`below ${side} ${away}`, clip(end + 1 + away)]]) {
        const cost = covers(side, top) + AWAY * away - (place === before && !ENDED.has(s.answer.state) ? MOVED : 0);
        if (!chosen || cost < chosen.cost) chosen = { side, top, cost, place };
      }
    }
    (c.places ??= {})[names] = chosen.place;
    const { side } = chosen, top = chosen.top < free[side] ? clip(free[side]) : chosen.top;
    free[side] = top + size;
    return all.map((b, i) => ({ ...b, top: top + i * LABEL, aside: aside(side, top), side }));
  });
  return placed.map(b => ({ xref: 'paper', x: b.side === 'right' ? 1 : 0, xshift: -b.aside, xanchor: b.side, yref: 'paper', y: 1 - (b.top + LABEL / 2) / tall, yanchor: 'middle', showarrow: false, borderpad: 0,
    text: text(b), font: { family: s.colours.font, size: 11, color: s.colours.quiet, shadow: s.colours.halo } }));
}

/** Points of a curve between two epochs, some hundreds of many: [epoch, number]. */
function outline(s, key, from, to) {
  const of = column(s, key), first = Math.max(0, seek(s.rows, from) - 1), end = Math.min(s.rows.length, seek(s.rows, Math.floor(to) + 1) + 1), every = Math.ceil((end - first) / 300) || 1, points = [];
  for (let i = first; i < end; i += every) { const v = of(s.rows[i]); if (v !== null) points.push([s.rows[i][0], v]); }
  return points;
}

/** The length of a line of points, in px, within a rectangle. */
function covered(points, left, right, top, bottom) {
  let length = 0;
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]], a = Math.max(x0, left), b = Math.min(x1, right);
    if (b <= a) continue;
    const slope = (y1 - y0) / (x1 - x0), ends = [y0 + slope * (a - x0), y0 + slope * (b - x0)], high = Math.min(...ends), low = Math.max(...ends);
    if (low < top || high > bottom) continue;
    length += Math.hypot(b - a, low - high) * (low > high ? (Math.min(low, bottom) - Math.max(high, top)) / (low - high) : 1);
  }
  return length;
}

/** What a person changed, written upright beside its line. */
const changed = (m, colours) => ({ x: m.epoch + 0.5, xanchor: 'right', yref: 'paper', y: 0, yanchor: 'bottom', showarrow: false, textangle: -90, borderpad: 0,
  text: 'epochs' in m ? `+${counted(m.epochs, 'epoch')}` : `rate ${short(m.learning_rate)}`, font: { family: colours.font, size: 10, color: colours.quiet } });

/** [low, high] that shows the curves: a few huge first epochs are cut off, baselines are let in unless they would flatten everything. */
function span(s, c, baselines) {
  let [low, high] = extent(s, c);
  const some = [], every = Math.ceil(s.rows.length / 400);
  c.keys.forEach((key, k) => {
    const of = column(s, key);
    for (let i = 0; i < s.rows.length && !c.hidden[k]; i += every) { const v = of(s.rows[i]); if (v !== null) some.push(v); }
  });
  for (const one of s.others) { const kept = outlined(c, one); low = Math.min(low, kept.low); high = Math.max(high, kept.high); }
  if (low > high) [low, high] = [Math.min(0, ...baselines), Math.max(1, ...baselines)];
  const of = c.log ? Math.log10 : v => v;
  [low, high] = [of(low), of(high)];
  if (!c.log && some.length >= 20) high = Math.min(high, low + 5 * (some.sort((a, b) => a - b)[Math.floor(some.length * 0.9)] - low) || high);
  const size = high - low || Math.abs(high) * 0.1 || 1, curves = [low, high];
  for (const b of baselines.map(of)) if (Math.max(curves[1], b) - Math.min(curves[0], b) <= FLATTEN * size) { low = Math.min(low, b); high = Math.max(high, b); }
  const pad = (high - low || size) * 0.06, floor = !c.log && low >= 0 && low - pad < 0.25 * high ? 0 : low - pad;
  return [floor, high + pad];
}

/** The old range while it still fits, so that the axis does not move with every epoch. */
function calm(old, [low, high]) {
  if (!old || low < old[0] || high > old[1] || high - low < 0.75 * (old[1] - old[0])) return [low, high];
  return old;
}

/** Where the epoch axis ends while the run goes on: it grows in steps, never past the last epoch planned. */
function horizon(last, first, epochs) {
  const ten = 10 ** Math.floor(Math.log10(Math.max(last, 10)));
  const end = [1, 1.5, 2, 3, 4, 5, 7.5, 10].map(m => m * ten).find(v => v >= last * 1.05) ?? 10 * ten;
  return Math.max(Math.min(end, epochs || end), last, first + 1);
}

/** The round number at or above `rough`: 1, 2 or 5 times a power of ten. */
function step(rough) {
  const ten = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map(m => m * ten).find(v => v >= rough * 0.999);
}

/** Round values in the range, about five; `low` and `high` are exponents of ten on a logarithmic axis. */
function ticks(low, high, log) {
  if (!log || high - low < 1) {
    const [a, b] = log ? [10 ** low, 10 ** high] : [low, high], by = step((b - a) / 6), from = Math.ceil(a / by - 1e-9);
    return Array.from({ length: Math.floor(b / by + 1e-9) - from + 1 }, (_, i) => Number(((from + i) * by).toPrecision(12)));
  }
  const parts = high - low < 2.5 ? [1, 2, 5] : [1], by = Math.ceil((high - low) / 6), all = [];
  for (let e = Math.floor(low); e <= high; e += by) for (const m of parts) all.push(Number(`${m}e${e}`));
  return all.filter(v => Math.log10(v) >= low && Math.log10(v) <= high);
}

/** The label of a round value at the axis, which has no room for more: 20000 -> $20k, 0.65 of a share -> 65% */
function tick({ unit, share }, v) { return share ? `${Number((100 * v).toPrecision(12))}%` : inUnit(unit === '$' ? unit : '', v, x => short(x).replace('K', 'k')); }

function resize(s) {
  for (const c of s.charts) {
    c.width = c.host.clientWidth;
    if (c.gd && c.width && c.width !== c.gd.layout.width) { s.P.Plots.resize(c.gd); c.stale = true; }
  }
  drawAll(s);
}

/** The colours of Streamlit's theme, as it is now. */
function theme(s) {
  const css = getComputedStyle(s.parent), of = (name, other) => { const v = css.getPropertyValue(`--st-${name}`).trim(); return v && v !== 'unset' ? v : other; };
  const text = of('text-color', '#31333f'), ground = of('background-color', '#ffffff'), mix = (a, share, b) => blend(a, b, share);
  return { text, ground, font: of('font', 'sans-serif'), training: of('blue-color', '#1c83e1'), validation: of('orange-color', '#ffa421'),
    quiet: mix(text, 0.68, ground), base: mix(text, 0.5, ground), grid: mix(text, 0.1, ground), raised: of('secondary-background-color', '#f0f2f6'),
    halo: Array(4).fill(`0 0 2px ${ground}`).join() };   // keeps a label legible, and what is behind it seen
}

/** Plotly knows no color-mix(): the browser works it out, to rgba(). */
function blend(a, b, share) {
  const pen = blend.pen ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = colour => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); return [...pen.getImageData(0, 0, 1, 1).data]; };
  const [p, q] = [read(a), read(b)];
  if (q[3] === 0) return `rgba(${p[0]},${p[1]},${p[2]},${share})`;
  return `rgb(${[0, 1, 2].map(i => Math.round(p[i] * share + q[i] * (1 - share))).join(',')})`;
}
