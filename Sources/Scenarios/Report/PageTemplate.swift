/// What stands around the data of a ``Page``: its looks, and the program that draws it.
enum PageTemplate {
  static let beforeData = """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>hubrig run</title>
    <style>\(style)</style></head><body>
    <header><div id="head"><span id="pill"></span><h1 id="title"></h1></div>
    <p id="why"></p><p id="file"></p><ul id="verdicts"></ul></header>
    <nav><button id="all">Whole run</button><button id="in" title="Zoom in">+</button><button
      id="out" title="Zoom out">−</button>
    <label><input type="checkbox" id="messages" checked>messages</label>
    <label><input type="checkbox" id="details">details</label>
    <label><input type="checkbox" id="plots" checked>plots</label>
    <input id="find" type="search" placeholder="find in lines and messages">
    <span id="found"></span><span id="legend"></span></nav>
    <canvas id="map"></canvas><canvas id="view"></canvas><div id="tip"></div>
    <footer>Wheel: zoom. Drag: move. Double click: all of it. In the strip above: drag to choose.
      Click: keep what is shown; Escape: let it go.</footer>
    <script>
    const run =
    """

  static let afterData = ";\n" + PageProgram.text + "</script></body></html>\n"

  private static let style = """
    :root { color-scheme: light dark; --ink: #18212e; --faint: #6c7889; --line: #e3e8ee;
      --paper: #fbfcfd; --panel: #ffffff; --stripe: #f4f7fa; --track: #d6e6f8; --track-ink: #1d4e7e;
      --done: #d3efdc; --done-ink: #17633a; --idle: #e8ecf1; --band: #f08a24; --bad: #cc2936;
      --good: #178a4c; --user: #0f9d84; --cloud: #2b6fd6; --hub: #3f9142; --printer: #9a3fb5;
      --network: #8a7b4f; --story: #6c7889 }
    @media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --faint: #8d99aa;
      --line: #2b3440; --paper: #11161d; --panel: #171d26; --stripe: #151b23; --track: #1f3d5c;
      --track-ink: #a9d0f7; --done: #17402a; --done-ink: #9fe0b9; --idle: #242d38; --band: #f2a04a;
      --bad: #ff6b6b; --good: #4cc98a; --user: #35c9ae; --cloud: #6aa5f8; --hub: #72c476;
      --printer: #cf86e3; --network: #c2b27d; --story: #8d99aa } }
    body { margin: 0; font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif;
      color: var(--ink); background: var(--paper) }
    header { padding: 20px 24px 10px } #head { display: flex; align-items: center; gap: 12px }
    h1 { margin: 0; font-size: 22px; font-weight: 650; letter-spacing: -.01em }
    #pill { padding: 3px 11px; border-radius: 99px; color: #fff; font-weight: 650; font-size: 12px;
      letter-spacing: .05em }
    p { margin: 4px 0; color: var(--faint); max-width: 96ch }
    #file { font: 12px/1.5 ui-monospace, monospace }
    ul { margin: 12px 0 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 6px }
    li { padding: 3px 11px; border-radius: 8px; background: var(--panel); font-size: 13px;
      border: 1px solid var(--line); border-left: 3px solid var(--good) }
    li.bad { border-left-color: var(--bad); color: var(--bad) }
    nav { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 12px;
      align-items: center; padding: 8px 24px; background: var(--paper);
      border-bottom: 1px solid var(--line) }
    button, input[type=search] { font: inherit; color: inherit; background: var(--panel);
      border: 1px solid var(--line); border-radius: 7px; padding: 3px 11px }
    button:hover { border-color: var(--faint) } input[type=search] { width: 230px }
    label { display: flex; gap: 5px; align-items: center; color: var(--faint); font-size: 13px }
    #legend { margin-left: auto; color: var(--faint); font-size: 12px; display: flex; gap: 12px }
    #legend i { display: inline-block; width: 9px; height: 9px; border-radius: 9px;
      margin-right: 5px }
    #found { color: var(--faint); font-size: 12px }
    canvas { width: 100%; display: block; touch-action: none }
    #map { height: 44px; cursor: crosshair } #view { cursor: grab }
    #tip { position: fixed; display: none; max-width: 520px; max-height: 60vh; overflow: hidden;
      padding: 9px 13px; background: var(--panel); color: var(--ink); border-radius: 9px;
      border: 1px solid var(--line); box-shadow: 0 8px 28px rgba(0, 0, 0, .18); font-size: 13px;
      pointer-events: none; white-space: pre-wrap; overflow-wrap: anywhere; z-index: 3 }
    #tip.kept { pointer-events: auto; overflow: auto }
    #tip b { font-weight: 650 } #tip small { color: var(--faint) }
    #tip pre { margin: 5px 0 0; padding: 7px 9px; background: var(--stripe); border-radius: 6px;
      font: 11.5px/1.4 ui-monospace, monospace; white-space: pre-wrap }
    footer { padding: 8px 24px 20px; color: var(--faint); font-size: 12px }
    """
}
