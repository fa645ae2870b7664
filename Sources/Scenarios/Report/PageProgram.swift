/// The program of a ``Page``: it draws the run and answers the hand.
enum PageProgram {
  static let text = #"""
    const byId = id => document.getElementById(id);
    byId('pill').textContent = run.passed ? 'PASS' : 'FAIL';
    byId('pill').style.background = run.passed ? 'var(--good)' : 'var(--bad)';
    byId('title').textContent = run.title; document.title = run.title;
    byId('why').textContent = run.why; byId('file').textContent = run.file;
    for (const text of run.verdicts) {
      const item = document.createElement('li');
      item.textContent = text; item.className = text[0] === '✓' ? 'good' : 'bad';
      byId('verdicts').append(item);
    }
    for (const group of ['user', 'cloud', 'hub', 'printer', 'network']) {
      const item = document.createElement('span'), dot = document.createElement('i');
      dot.style.background = `var(--${group})`; item.append(dot, group); byId('legend').append(item);
    }
    const view = byId('view'), map = byId('map'), tip = byId('tip');
    const left = 132, right = 18, axis = 28, end = Math.max(run.end, 1000);
    const names = ['--ink', '--faint', '--line', '--paper', '--panel', '--stripe', '--track',
      '--track-ink', '--done', '--done-ink', '--idle', '--band', '--bad', '--good', '--user',
      '--cloud', '--hub', '--printer', '--network', '--story'];
    let colour = {};
    const readColours = () => { const style = getComputedStyle(document.documentElement);
      for (const name of names) colour[name.slice(2)] = style.getPropertyValue(name).trim(); };
    readColours();
    let from = 0, to = end, marks = [], kept = false, wanted = '';
    const shows = id => byId(id).checked;
    // Lanes: each has a line of dots, a track of what it is at, and perhaps plots below.
    const plotHeight = 34, tops = [], heights = [], hasTrack = run.lanes.map(() => false);
    for (const s of run.tracks) hasTrack[s.l] = true;
    const quiet = run.lanes.map((_, lane) => run.groups[lane] === 'network'
      && !run.entries.some(e => e.l === lane) && !run.bands.some(b => b.l === lane));
    function layOut() {
      let y = axis + 6;
      run.lanes.forEach((_, lane) => {
        const plots = shows('plots') ? run.plots.filter(p => p.l === lane).length : 0;
        tops[lane] = y;
        heights[lane] = (quiet[lane] ? 26 : hasTrack[lane] ? 58 : 44) + plots * plotHeight;
        y += heights[lane];
      });
      return y + 6;
    }
    const two = n => String(n).padStart(2, '0');
    function clock(ms) {
      const s = ms / 1000, h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
      const digits = to - from < 2000 ? 3 : to - from < 20000 ? 2 : to - from < 120000 ? 1 : 0;
      const rest = (Math.floor(s % 60 * 10 ** digits) / 10 ** digits).toFixed(digits);
      return (h ? h + ':' + two(m) : m) + ':' + (rest < 10 ? '0' + rest : rest);
    }
    const wide = () => view.clientWidth - left - right;
    const x = t => left + (t - from) / (to - from) * wide();
    const time = px => from + (px - left) / wide() * (to - from);
    const mid = lane => tops[lane] + (quiet[lane] ? 13 : 21);
    function step() {
      const least = (to - from) / Math.max(2, view.clientWidth / 105);
      for (const s of [5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5,
        6e5, 12e5, 18e5, 36e5, 72e5, 144e5]) if (s >= least) return s;
      return 432e5;
    }
    const first = (list, t) => { let a = 0, b = list.length;
      while (a < b) { const m = a + b >> 1; if (list[m].t < t) a = m + 1; else b = m; } return a; };
    const short = n => n >= 1e6 ? (n / 1e6).toFixed(1) + ' M' : n >= 1e4
      ? Math.round(n / 1e3) + ' K' : String(n);
    function prepare(canvas, w, h) {
      const scale = devicePixelRatio || 1;
      canvas.style.height = h + 'px'; canvas.width = w * scale; canvas.height = h * scale;
      const c = canvas.getContext('2d'); c.scale(scale, scale);
      c.font = '12px system-ui, sans-serif'; return c;
    }
    function pill(c, x0, y0, w, h, fill) {
      c.fillStyle = fill; c.beginPath(); c.roundRect(x0, y0, w, h, Math.min(5, w / 2)); c.fill();
    }
    function label(c, text, x0, x1, y, fill) {
      const begin = Math.max(x0, left) + 6; if (x1 - begin < 22) return;
      c.save(); c.beginPath(); c.rect(begin, y - 14, x1 - begin - 3, 20); c.clip();
      c.fillStyle = fill; c.fillText(text, begin, y); c.restore();
    }
    const matches = text => wanted && text.toLowerCase().includes(wanted);
    function draw() {
      const w = view.clientWidth, h = layOut(), c = prepare(view, w, h); marks = [];
      run.lanes.forEach((name, lane) => {
        if (lane % 2) { c.fillStyle = colour.stripe; c.fillRect(0, tops[lane], w, heights[lane]); } });
      c.textAlign = 'center'; c.lineWidth = 1;
      for (let t = Math.ceil(from / step()) * step(); t <= to; t += step()) {
        c.strokeStyle = colour.line; c.beginPath(); c.moveTo(x(t), axis); c.lineTo(x(t), h); c.stroke();
        c.fillStyle = colour.faint; c.fillText(clock(t), x(t), 18);
      }
      c.save(); c.beginPath(); c.rect(left, 0, w - left, h); c.clip(); c.textAlign = 'left';
      // What broke, behind everything else.
      const levels = {};
      for (const s of run.bands) {
        if (s.b < from || s.a > to) continue;
        const x0 = x(s.a), x1 = Math.max(x(s.b), x0 + 3), y = tops[s.l], tall = heights[s.l];
        c.globalAlpha = .16; c.fillStyle = colour.band; c.fillRect(x0, y, x1 - x0, tall);
        c.globalAlpha = .9; c.fillRect(x0, y, x1 - x0, 2.5); c.globalAlpha = 1;
        const level = (levels[s.l] ??= []).filter(b => b > x0).length % 2; levels[s.l].push(x1);
        label(c, '⚡ ' + s.x, x0, x1, y + 15 + level * 13, colour.band);
        marks.push({ x0: x0 - 2, x1: x1 + 2, y0: y, y1: y + 14, head: clock(s.a) + ' – ' + clock(s.b)
          + '  ' + run.lanes[s.l], text: '⚡ ' + s.x });
      }
      // What each was at.
      for (const s of run.tracks) {
        if (s.b < from || s.a > to) continue;
        const x0 = x(s.a), x1 = Math.max(x(s.b), x0 + 2), y = tops[s.l] + 35;
        const good = s.x === 'running' || s.x === 'finished', bad = s.x === 'broken off';
        pill(c, x0 + .5, y, Math.max(1, x1 - x0 - 1), 17, bad ? colour.bad
          : good ? colour.done : s.x === 'off' ? colour.idle : colour.track);
        label(c, s.x, x0, x1, y + 12.5, bad ? '#fff' : good ? colour['done-ink'] : colour['track-ink']);
        marks.push({ x0, x1, y0: y, y1: y + 17, head: clock(s.a) + ' – ' + clock(s.b) + '  '
          + run.lanes[s.l], text: s.x });
      }
      if (shows('plots')) drawPlots(c);
      let hits = 0;
      if (shows('messages')) hits += drawArrows(c);
      for (let i = first(run.entries, from); i < run.entries.length; i++) {
        const e = run.entries[i]; if (e.t > to) break;
        const isHit = matches(e.x); if (isHit) hits++;
        if (e.k === 'detail' && !shows('details') && !isHit) continue;
        const y = mid(e.l), px = x(e.t), bad = e.k === 'problem';
        c.fillStyle = bad ? colour.bad : e.k === 'expectation' ? colour.good
          : e.k === 'job' ? colour.cloud : e.k === 'detail' ? colour.faint : colour[run.groups[e.l]];
        c.beginPath(); c.arc(px, y, bad ? 5.5 : e.k === 'detail' ? 2 : 4, 0, 7); c.fill();
        c.strokeStyle = colour.paper; c.lineWidth = 1.2; c.stroke();
        if (isHit) { c.strokeStyle = colour.band; c.lineWidth = 2; c.beginPath();
          c.arc(px, y, 8, 0, 7); c.stroke(); }
        marks.push({ x0: px - 5, x1: px + 5, y0: y - 7, y1: y + 7, head: clock(e.t) + '  '
          + run.lanes[e.l], text: e.x });
      }
      c.restore(); c.textAlign = 'left';
      run.lanes.forEach((name, lane) => {
        c.fillStyle = colour[run.groups[lane]]; c.beginPath();
        c.roundRect(14, tops[lane] + 5, 3.5, heights[lane] - 10, 2); c.fill();
        c.fillStyle = colour.ink; c.font = '600 13px system-ui, sans-serif';
        c.save(); c.beginPath(); c.rect(0, tops[lane], left - 8, heights[lane]); c.clip();
        c.fillText(name, 26, mid(lane) + 1); c.font = '11px system-ui, sans-serif';
        c.fillStyle = colour.faint;
        if (!quiet[lane]) c.fillText(run.groups[lane] === name ? '' : run.groups[lane], 26, mid(lane) + 15);
        c.restore(); });
      byId('found').textContent = wanted ? hits + ' in sight' : ''; drawMap();
      view.dataset.drawn = marks.length;
    }
    function drawArrows(c) {
      let hits = 0; const begin = first(run.arrows, from), found = [];
      let count = 0; for (let i = begin; i < run.arrows.length && run.arrows[i].t <= to; i++) count++;
      const dense = count > 600, alpha = count > 4000 ? .06 : dense ? .16 : .75;
      for (let i = begin; i < begin + count; i++) {
        const a = run.arrows[i], px = x(a.t), y0 = mid(a.a), y1 = mid(a.b);
        const isHit = matches(a.w) || matches(run.payloads[a.p]); if (isHit) hits++;
        c.globalAlpha = isHit ? 1 : alpha; c.lineWidth = isHit ? 2 : 1;
        c.strokeStyle = c.fillStyle = isHit ? colour.band : colour[run.groups[a.a]];
        const d = Math.sign(y1 - y0), bend = dense ? 0 : 7, tipY = y1 - d * 7;
        c.beginPath(); c.moveTo(px, y0); c.quadraticCurveTo(px + bend, (y0 + tipY) / 2, px, tipY);
        c.stroke();
        if (!dense) { c.beginPath(); c.moveTo(px, tipY + d * 3); c.lineTo(px - 3.5, tipY - d * 4);
          c.lineTo(px + 3.5, tipY - d * 4); c.fill(); }
        c.globalAlpha = 1;
        if (count < 4000 || isHit) marks.push({ x0: px - 3, x1: px + 3 + bend / 2,
          y0: Math.min(y0, y1) + 5, y1: Math.max(y0, y1) - 5, payload: a.p, head: clock(a.t) + '  '
          + run.lanes[a.a] + ' → ' + run.lanes[a.b], text: a.w });
      }
      return hits;
    }
    function drawPlots(c) {
      const count = {};
      for (const p of run.plots) {
        const below = (count[p.l] = (count[p.l] || 0) + 1);
        const y0 = tops[p.l] + heights[p.l] - (below - 1) * plotHeight - 5, tall = plotHeight - 15;
        const values = p.p.map(v => v[1]), most = Math.max(1, ...values);
        const least = Math.min(...values) > most * .7 ? Math.min(...values) * .98 : 0;
        const y = v => y0 - (v - least) / Math.max(1e-9, most - least) * tall;
        c.beginPath(); c.moveTo(x(p.p[0][0]), y0);
        p.p.forEach((v, i) => { c.lineTo(x(v[0]), i ? y(p.p[i - 1][1]) : y0); c.lineTo(x(v[0]), y(v[1])); });
        c.lineTo(x(end), y(values[values.length - 1])); c.lineTo(x(end), y0); c.closePath();
        c.globalAlpha = .18; c.fillStyle = colour[run.groups[p.l]]; c.fill(); c.globalAlpha = 1;
        c.strokeStyle = colour[run.groups[p.l]]; c.lineWidth = 1.2; c.stroke();
        c.fillStyle = colour.faint; c.font = '10.5px system-ui, sans-serif';
        c.fillText(p.x + ', at most ' + short(most), left + 6, y0 - tall - 2);
        c.font = '12px system-ui, sans-serif';
        marks.push({ x0: left, x1: 1e9, y0: y0 - tall, y1: y0, plot: p });
      }
    }
    function drawMap() {
      const w = map.clientWidth, c = prepare(map, w, 44), px = t => left + t / end * wide();
      c.fillStyle = colour.stripe; c.fillRect(left, 6, wide(), 32);
      const bins = new Float64Array(Math.max(1, Math.ceil(wide() / 3)));
      for (const list of [run.entries, run.arrows]) for (const e of list)
        bins[Math.min(bins.length - 1, Math.floor(e.t / end * bins.length))]++;
      const most = Math.max(1, ...bins);
      c.fillStyle = colour.cloud; c.globalAlpha = .55;
      bins.forEach((n, i) => { const tall = Math.log1p(n) / Math.log1p(most) * 28;
        c.fillRect(left + i * 3, 37 - tall, 2, tall); });
      c.globalAlpha = .8; c.fillStyle = colour.band;
      for (const s of run.bands) c.fillRect(px(s.a), 6, Math.max(2, px(s.b) - px(s.a)), 3);
      c.fillStyle = colour.bad;
      for (const e of run.entries) if (e.k === 'problem') c.fillRect(px(e.t) - 1, 6, 2, 32);
      c.globalAlpha = 1; c.strokeStyle = colour.ink; c.lineWidth = 1.4;
      c.strokeRect(px(from), 5, Math.max(3, px(to) - px(from)), 34);
      c.fillStyle = colour.faint; c.font = '11px system-ui, sans-serif'; c.fillText('whole run', 26, 26);
    }
    function look(a, b) {
      const width = Math.min(Math.max(b - a, 10), end * 1.02);
      from = Math.max(0, Math.min(a, end * 1.02 - width)); to = from + width; draw();
    }
    const zoom = (factor, at) => look(at - (at - from) * factor, at + (to - at) * factor);
    const all = () => look(0, end * 1.005);
    view.addEventListener('wheel', event => { if (event.ctrlKey || !event.shiftKey) {
      event.preventDefault(); zoom(Math.exp(event.deltaY / 400), time(event.offsetX)); } },
      { passive: false });
    let grip = null, moved = false;
    view.addEventListener('pointerdown', event => { moved = false;
      grip = { x: event.offsetX, from, to }; view.setPointerCapture(event.pointerId); });
    view.addEventListener('pointerup', event => { grip = null;
      if (!moved) { kept = tip.style.display === 'block' && !kept; tip.className = kept ? 'kept' : ''; } });
    const pretty = text => { try { return JSON.stringify(JSON.parse(text), null, 1); } catch { return text; } };
    function tell(hits, event) {
      tip.replaceChildren();
      for (const hit of hits) {
        const head = document.createElement('small'), text = document.createElement('div');
        if (hit.plot) { const t = time(event.offsetX); let value = null;
          for (const v of hit.plot.p) if (v[0] <= t) value = v[1];
          head.textContent = clock(t) + '  ' + run.lanes[hit.plot.l];
          text.textContent = hit.plot.x + ': ' + (value ?? 'none'); }
        else { head.textContent = hit.head; text.textContent = hit.text; }
        tip.append(head, text);
        if (hit.payload !== undefined && run.payloads[hit.payload]) {
          const body = document.createElement('pre');
          body.textContent = pretty(run.payloads[hit.payload]); tip.append(body); }
      }
      tip.style.display = hits.length ? 'block' : 'none';
      tip.style.left = Math.max(8, Math.min(event.clientX + 16, innerWidth - 550)) + 'px';
      tip.style.top = Math.max(8, Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 10)) + 'px';
    }
    view.addEventListener('pointermove', event => {
      if (grip) { const d = (event.offsetX - grip.x) / wide() * (grip.to - grip.from);
        if (Math.abs(event.offsetX - grip.x) > 3) moved = true;
        if (moved) { tip.style.display = 'none'; look(grip.from - d, grip.to - d); } return; }
      if (kept) return;
      tell(marks.filter(m => event.offsetX >= m.x0 && event.offsetX <= m.x1
        && event.offsetY >= m.y0 && event.offsetY <= m.y1).slice(-6), event);
    });
    view.addEventListener('pointerleave', () => { if (!kept) tip.style.display = 'none'; });
    view.addEventListener('dblclick', all);
    let brush = null; const mapTime = event => (event.offsetX - left) / wide() * end;
    map.addEventListener('pointerdown', event => { brush = mapTime(event);
      map.setPointerCapture(event.pointerId); });
    map.addEventListener('pointermove', event => { if (brush === null) return; const t = mapTime(event);
      if (Math.abs(t - brush) > end / 400) look(Math.min(t, brush), Math.max(t, brush)); });
    map.addEventListener('pointerup', event => { const t = mapTime(event);
      if (Math.abs(t - brush) <= end / 400) look(t - (to - from) / 2, t + (to - from) / 2); brush = null; });
    map.addEventListener('dblclick', all);
    byId('all').onclick = all; byId('in').onclick = () => zoom(.5, (from + to) / 2);
    byId('out').onclick = () => zoom(2, (from + to) / 2);
    for (const id of ['messages', 'details', 'plots']) byId(id).onchange = draw;
    byId('find').oninput = event => { wanted = event.target.value.trim().toLowerCase(); draw(); };
    addEventListener('keydown', event => { if (event.key === 'Escape') { kept = false; tip.className = '';
      tip.style.display = 'none'; } });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); draw(); });
    addEventListener('resize', draw); run.entries.sort((a, b) => a.t - b.t);
    run.arrows.sort((a, b) => a.t - b.t); all();
    document.body.dataset.ready = Math.round(performance.now());

    """#
}
