// Between two full drawings by Plotly the curves of live.js follow their numbers by themselves: a full drawing of a chart takes 20 to
// 30 ms, a longer path a fraction of one. Whatever Plotly alone knows (axes, labels, gaps of its hover) waits for the next full one.

const CALM = 3000, POINTED = 1000, SHARE = 10;   // ms between full drawings: with the pointer elsewhere, on the chart; times what one costs
const FAR = 1e5;                                 // px; beyond it a browser's own numbers become coarse

/** Whether Plotly should learn what came since: it draws fewer points then, and its hover shows the newest. */
const late = (s, c) => c.plotted < s.rows.length && performance.now() - c.at > Math.max(c.box.matches(':hover') ? POINTED : CALM, SHARE * c.cost);

/** Takes hold of what Plotly drew a moment ago, of the numbers in `seen`. `averages`: of traces(). */
function grip(s, c, seen, averages) {
  const ids = traceIds(c.gd), traced = (i, what) => [...c.gd.querySelectorAll(`.scatterlayer .trace${ids[i]} ${what}`)].at(-1);
  Object.assign(c, seen, { lines: null });
  if (!ids) return;
  c.lines = c.keys.map((key, i) => {
    const path = traced(i, '.js-line');
    return { path, d: path?.getAttribute('d') ?? '', next: averages[i], gap: i === 0 && column(s, key)(s.rows[seen.drawn - 1]) === null };
  });
  c.dot = traced(2, '.point');
  c.rule = c.gd.querySelector(`.shapelayer path[data-index="${c.ruled}"]`);
}

/** Lengthens the lines to the newest row and moves the best epoch's dot; false where only Plotly can draw what is new. */
function follow(s, c) {
  const { rows } = s, axes = axesOf(c.gd);
  if (!axes || !c.lines || c.frame !== s.frame || c.drawn < 3 || !c.zoom.x && s.last > axes.x.range[1] || outside(s, c, axes.y)) return false;
  const moved = s.answer.validated !== false && s.answer.best !== c.best, dot = moved && mark(s, c);
  if (moved && !(c.rule && s.answer.best && s.answer.best <= s.last && (c.dot ? dot.x.length : !dot.x.length))) return false;
  const at = (row, v) => [axes.x.pixel(row[0]), axes.y.pixel(v)].map(p => Math.min(Math.max(p, -FAR), FAR).toFixed(2)).join();
  const past = c.zoom.x && rows[c.drawn - 1][0] > axes.x.range[1];   // what is new lies to the right of what is looked at
  const longer = past ? [] : c.lines.map((line, i) => {
    const of = column(s, c.keys[i]);
    let d = '';
    for (let k = c.drawn; k < rows.length && !c.hidden[i]; k++) {
      const v = line.next(of(rows[k]));
      if (v !== null) d += (line.gap ? 'M' : 'L') + at(rows[k], v);
      line.gap = i === 0 && v === null;   // validation that is looked at now and then is one line
    }
    return d;
  });
  if (longer.some((d, i) => d && !c.lines[i].path)) return false;
  longer.forEach((d, i) => { const line = c.lines[i]; if (d) line.path.setAttribute('d', line.d += d); });
  if (moved) {
    if (dot.x.length) c.dot.setAttribute('transform', `translate(${at([dot.x[0]], dot.y[0])})`);
    const x = Math.round(axes.x.offset + axes.x.pixel(s.answer.best)) + 0.5;   // a whole pixel, as Plotly has it
    c.rule.setAttribute('d', c.rule.getAttribute('d').replace(/([ML])[^,]+/g, `$1${x}`));
  }
  if (past) c.plotted = rows.length;
  Object.assign(c, { drawn: rows.length, best: s.answer.best });
  return true;
}

/** Whether a number is the lowest or highest so far and has no place in the chart. A first epoch that was cut off stays so. */
function outside(s, c, vertical) {
  const [low, high] = extent(s, c), [bottom, top] = vertical.range;
  if (c.log && low <= 0) return true;
  return !c.zoom.y && (low < c.extent[0] && vertical.linear(low) < bottom || high > c.extent[1] && vertical.linear(high) > top);
}

// ---------------------------------------------------------------- rows, without walking through all of them

/** Notes a new row's numbers in the lowest and highest of each column. */
function widen(s, row) {
  for (let i = 1; i < row.length; i++) {
    const v = row[i];
    if (!Number.isFinite(v)) continue;
    if (!(v >= s.low[i])) s.low[i] = v;
    if (!(v <= s.high[i])) s.high[i] = v;
  }
}

/** [lowest, highest] number of what a chart shows of its own run; [Infinity, -Infinity] where there is none. */
function extent(s, c) {
  const at = c.keys.map((key, i) => c.hidden[i] ? 0 : s.names.indexOf(key) + 1);
  return [Math.min(...at.map(i => s.low[i] ?? Infinity)), Math.max(...at.map(i => s.high[i] ?? -Infinity))];
}

/** The place of the first row of that epoch or a later one. */
function seek(rows, epoch) {
  let from = 0, to = rows.length;
  while (from < to) { const middle = (from + to) >> 1; if (rows[middle][0] < epoch) from = middle + 1; else to = middle; }
  return from;
}

/** A function of one value after the other: their average, in which what came before counts more and more. Started without a bias towards 0. */
function averaging(keep) {
  let sum = 0, share = 0;
  return value => {
    if (value === null) return null;
    sum = keep * sum + (1 - keep) * value;
    share = keep * share + (1 - keep);
    return sum / share;
  };
}
