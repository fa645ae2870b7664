/// What stands around the data of a ``Page``.
enum PageTemplate {
  static let beforeData = """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>hubrig run</title>
    <style>
    :root { color-scheme: light dark; --ink: #1c2430; --faint: #7a8696; --line: #d8dee6;
      --paper: #fff; --track: #cfe3f7; --band: rgba(226, 120, 30, .22); --bad: #c22; --good: #182 }
    @media (prefers-color-scheme: dark) { :root { --ink: #e3e8ee; --faint: #8a97a8;
      --line: #323b47; --paper: #161b22; --track: #24445f; --band: rgba(240, 150, 60, .25);
      --bad: #f66; --good: #5c8 } }
    body { margin: 0; font: 14px/1.4 system-ui, sans-serif; color: var(--ink);
      background: var(--paper) }
    header { padding: 16px 20px 8px } h1 { margin: 0; font-size: 20px }
    p { margin: 2px 0; color: var(--faint) } ul { margin: 8px 0; padding: 0; list-style: none }
    .bad { color: var(--bad) } .good { color: var(--good) }
    #view { width: 100%; display: block; touch-action: none; cursor: grab }
    #tip { position: fixed; display: none; max-width: 480px; padding: 6px 10px; font-size: 13px;
      background: var(--ink); color: var(--paper); border-radius: 4px; pointer-events: none;
      white-space: pre-wrap; overflow-wrap: anywhere }
    footer { padding: 6px 20px; color: var(--faint) }
    </style></head><body>
    <header><h1 id="title"></h1><p id="why"></p><p id="file"></p><ul id="verdicts"></ul></header>
    <canvas id="view"></canvas><div id="tip"></div>
    <footer>Wheel: zoom in and out. Drag: move. Double click: all of it.</footer>
    <script>
    const run =
    """

  static let afterData = #"""
    ;
    const byId = id => document.getElementById(id);
    byId('title').textContent = (run.passed ? '✓ ' : '✗ ') + run.title;
    byId('title').className = run.passed ? 'good' : 'bad';
    byId('why').textContent = run.why; byId('file').textContent = run.file;
    document.title = run.title;
    for (const text of run.verdicts) {
      const item = document.createElement('li');
      item.textContent = text; item.className = text[0] === '✓' ? 'good' : 'bad';
      byId('verdicts').append(item);
    }
    const view = byId('view'), tip = byId('tip'), left = 120, top_ = 26, height = 46;
    const colours = { step: '#888', user: '#0a8', cloud: '#27c', hub: '#3a3', printer: '#a3a',
      network: '#999', expectation: '#182', problem: '#d22', detail: '#bbb', job: '#06c' };
    let from = 0, to = Math.max(run.end, 1000), marks = [];
    const clock = ms => { const s = ms / 1000, h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
      const rest = (s % 60).toFixed(to - from < 20000 ? 2 : 0);
      return (h ? h + ':' + String(m).padStart(2, '0') : m) + ':' + rest.padStart(2, '0'); };
    const x = t => left + (t - from) / (to - from) * (view.clientWidth - left - 12);
    const time = px => from + (px - left) / (view.clientWidth - left - 12) * (to - from);
    const style = name => getComputedStyle(document.documentElement).getPropertyValue(name);
    function step() { const wanted = (to - from) / Math.max(2, view.clientWidth / 110);
      for (const s of [10, 50, 100, 500, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5])
        if (s >= wanted) return s; return 72e5; }
    function draw() {
      const scale = devicePixelRatio || 1, w = view.clientWidth;
      const h = top_ + run.lanes.length * height + 8;
      view.style.height = h + 'px'; view.width = w * scale; view.height = h * scale;
      const c = view.getContext('2d'); c.scale(scale, scale); c.font = '12px system-ui, sans-serif';
      marks = [];
      c.strokeStyle = style('--line'); c.fillStyle = style('--faint'); c.textAlign = 'center';
      for (let t = Math.ceil(from / step()) * step(); t <= to; t += step()) {
        c.beginPath(); c.moveTo(x(t), top_); c.lineTo(x(t), h); c.stroke();
        c.fillText(clock(t), x(t), 16);
      }
      c.textAlign = 'left';
      run.lanes.forEach((name, lane) => { const y = top_ + lane * height;
        c.beginPath(); c.moveTo(0, y); c.lineTo(w, y); c.stroke();
        c.fillStyle = style('--ink'); c.fillText(name, 14, y + height / 2 + 4); });
      c.save(); c.beginPath(); c.rect(left - 6, 0, w, h); c.clip();
      const span = (s, y0, y1, fill, label) => {
        if (s.b < from || s.a > to) return;
        const x0 = x(s.a), x1 = Math.max(x(s.b), x0 + 2), y = top_ + s.l * height;
        c.fillStyle = fill; c.fillRect(x0, y + y0, x1 - x0, y1 - y0);
        marks.push({ x0, x1, y0: y + y0, y1: y + y1, text: clock(s.a) + ' – ' + clock(s.b) + '\n' + s.x });
        const begin = Math.max(x0, left) + 4;
        if (x1 - begin > 40) { c.save(); c.beginPath(); c.rect(begin, y, x1 - begin - 4, height);
          c.clip(); c.fillStyle = style('--ink'); c.fillText(s.x, begin, y + label); c.restore(); } };
      for (const s of run.tracks) span(s, 26, 44, style('--track'), 39);
      for (const s of run.bands) span(s, 1, height, style('--band'), 13);
      c.strokeStyle = colours.cloud; c.fillStyle = colours.cloud;
      for (const a of run.arrows) { if (a.t < from || a.t > to) continue;
        const y0 = top_ + a.a * height + 20, y1 = top_ + a.b * height + 20, d = Math.sign(y1 - y0) * 5;
        c.beginPath(); c.moveTo(x(a.t), y0); c.lineTo(x(a.t), y1); c.stroke();
        c.beginPath(); c.moveTo(x(a.t), y1); c.lineTo(x(a.t) - 3, y1 - d); c.lineTo(x(a.t) + 3, y1 - d);
        c.fill(); }
      for (const e of run.entries) { if (e.t < from || e.t > to) continue;
        const y = top_ + e.l * height + 20, r = e.k === 'problem' ? 5 : e.k === 'detail' ? 2 : 3.5;
        c.fillStyle = colours[e.k] || '#888'; c.beginPath(); c.arc(x(e.t), y, r, 0, 7); c.fill();
        marks.push({ x0: x(e.t) - 5, x1: x(e.t) + 5, y0: y - 6, y1: y + 6,
          text: clock(e.t) + '  ' + run.lanes[e.l] + '\n' + e.x }); }
      c.restore();
    }
    view.addEventListener('wheel', event => { event.preventDefault();
      const at = time(event.offsetX), factor = Math.exp(event.deltaY / 400);
      const wide = Math.min(Math.max((to - from) * factor, 20), Math.max(run.end, 1000) * 1.05);
      from = Math.max(0, at - (at - from) * wide / (to - from)); to = from + wide; draw();
    }, { passive: false });
    let grip = null;
    view.addEventListener('pointerdown', event => { grip = { x: event.offsetX, from, to };
      view.setPointerCapture(event.pointerId); });
    view.addEventListener('pointerup', () => grip = null);
    view.addEventListener('pointermove', event => {
      if (grip) { const d = (event.offsetX - grip.x) / (view.clientWidth - left - 12) * (grip.to - grip.from);
        from = Math.max(0, grip.from - d); to = from + grip.to - grip.from; tip.style.display = 'none';
        return draw(); }
      const hits = marks.filter(m => event.offsetX >= m.x0 && event.offsetX <= m.x1
        && event.offsetY >= m.y0 && event.offsetY <= m.y1).slice(-8);
      tip.style.display = hits.length ? 'block' : 'none';
      tip.textContent = hits.map(m => m.text).join('\n\n');
      tip.style.left = Math.min(event.clientX + 14, innerWidth - 500) + 'px';
      tip.style.top = event.clientY + 14 + 'px';
    });
    view.addEventListener('dblclick', () => { from = 0; to = Math.max(run.end, 1000); draw(); });
    addEventListener('resize', draw); draw();
    </script></body></html>

    """#
}
