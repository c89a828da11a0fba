// All private parts of Plotly.js that Layerdeck uses, in this file alone. Tried with Plotly.js 4.1.
//
//   axesOf(gd)        the axes of a drawn chart, as {x, y}: their range, and the pixels of a number
//   traceIds(gd)      the names by which the elements of its traces are found
//
// Where another Plotly has not such a part the answer is null, and the console says so, once: each new epoch is then drawn by Plotly
// itself, which takes longer and shows the same.

const PLOTLY_TRIED = '4.1';

/** {x, y}, each {range, pixel(number), linear(number), offset}: px from the chart's own corner, the corner's px in its box. */
function axesOf(gd) {
  const layout = gd._fullLayout, axis = one => Array.isArray(one?.range) && Number.isFinite(one._offset) && one.c2p && one.c2l
    && { range: one.range, offset: one._offset, pixel: number => one.c2p(number), linear: number => one.c2l(number) };
  const x = axis(layout?.xaxis), y = axis(layout?.yaxis);
  return x && y ? { x, y } : missingPart('the axes of a chart');
}

/** For each trace the name that its elements have in their class; null where one has none. */
function traceIds(gd) {
  const ids = (gd._fullData ?? []).map(trace => trace.uid);
  return ids.length && ids.every(Boolean) ? ids : missingPart('the names of its traces');
}

/** null, and a warning, once for each part. */
function missingPart(part) {
  const warned = missingPart.warned ??= new Set();
  if (!warned.has(part)) console.warn(`Plotly.js ${window.Plotly?.version} does not tell ${part} (tried: ${PLOTLY_TRIED}): it draws each epoch itself`);
  warned.add(part);
  return null;
}
