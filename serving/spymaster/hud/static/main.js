/** Puts the page together. */
import { Address, addressMoment, readMoment } from "./url.js";
import { Alerts } from "./alerts.js";
import { Approaches } from "./approaches.js";
import { Controls, DEFAULT_LAYERS, LAYER_BUTTONS } from "./controls.js";
import { Crosshair } from "./crosshair.js";
import { byId, reasonOf, setAttribute, setText } from "./dom.js";
import { Explainer } from "./explain.js";
import { Keys } from "./keys.js";
import { legend } from "./legend.js";
import { Ladders } from "./ladder.js";
import { LiveBar } from "./live.js";
import { OwnLevel } from "./own_level.js";
import { Card } from "./panels/card.js";
import { LevelsPanel } from "./panels/levels.js";
import { NowPanel } from "./panels/now.js";
import { StrikesPanel } from "./panels/strikes.js";
import { TurnPanel } from "./panels/turn.js";
import { Player } from "./player.js";
import { Ring } from "./ring.js";
import { Screen } from "./screen.js";
import { ThemeSwitch } from "./theme.js";
import { Transport } from "./transport.js";
import { View } from "./view/view.js";
import { getDays, toNs, toSecond } from "./wire/api.js";

const NOTE_MS = 4000;

/** @param {import("./url.js").Moment} moment @param {import("./wire/api.js").DayRange[]} days @returns {string} */
function unknownWords({ symbol, dt }, days) {
  const symbols = [...new Set(days.map((day) => day.symbol))];
  if (symbol !== undefined && !symbols.includes(symbol)) {
    return `There is no contract ${symbol} in this lake. It has ${symbols.join(", ")}: choose a day above.`;
  }
  const dates = days.filter((day) => symbol === undefined || day.symbol === symbol).map((day) => day.dt).sort();
  const held = dates.length === 1 ? dates[0] : `${dates.length} days from ${dates[0]} to ${dates[dates.length - 1]}`;
  return `There is no day ${dt}${symbol === undefined ? "" : ` of ${symbol}`} in this lake. It has ${held}: choose one above.`;
}

/**
 * A part of a panel that is folded away: it follows while it is open.
 * @param {string} id @param {() => void} update @returns {import("./screen.js").Part}
 */
function whileOpen(id, update) {
  const details = /** @type {HTMLDetailsElement} */ (byId(id).parentElement);
  details.addEventListener("toggle", update);
  return {
    update: () => {
      if (details.open) update();
    },
  };
}

/** @param {any} paint contents of paint.json */
function build(paint) {
  const ring = new Ring(paint.grid.second_columns);
  const view = new View(paint.grid);
  const player = new Player(ring, {
    onChange: () => changed(), onPublished: () => refreshDays(), layers: () => screen.layers,
    onNews: (message) => (message.type === "alert" ? alerts.take(message) : liveBar.take(message)),
  });
  /** @type {Screen} */
  let screen;
  const theme = new ThemeSwitch(paint, () => screen?.retheme());
  screen = new Screen(player, view, paint, () => theme.name);
  const crosshair = new Crosshair(player, view, screen.strips, screen.retestMarks);
  const explainer = new Explainer(player, (symbol, dt, second) => {
    const moment = { symbol, dt, ts: toNs(dt, second), level: undefined };
    address.leave(moment);
    visit(moment);
  });
  const address = new Address(() => ({
    symbol: player.day?.symbol,
    dt: player.day?.dt,
    // who follows a day has no moment: opened again, the page follows it again
    ts: player.day && !player.following && !Number.isNaN(player.second) ? toNs(player.day.dt, player.second) : undefined,
    zoom: [view.zoomPrice, view.zoomTime],
    layers: [...screen.layers],
    speed: player.speed,
    level: (screen.question.isPinned && screen.question.chosen) || undefined,
    depth: screen.depthRange.isFixed ? [screen.depthRange.lowQty, screen.depthRange.highQty] : undefined,
  }));
  const seek = (/** @type {number} */ second) => {
    player.seek(second);
    address.refresh();
  };
  const step = (/** @type {number} */ seconds) => seek(player.second + seconds);
  const toggle = () => (player.playing ? player.pause() : player.play());
  const goToApproach = (/** @type {number} */ second, /** @type {string} */ level) => {
    screen.question.keep(level);
    seek(second);
  };
  const approaches = new Approaches(player, { seek, goToApproach, note: (text) => note(text) });
  const transport = new Transport(player, {
    toggle, step, seek,
    pickDay: (day) => openDay(day, opening(day), player.playing),
    approach: (direction) => approaches.step(direction),
  });
  const ownLevel = new OwnLevel(player, crosshair, { note: (text) => note(text), addKey: (binding) => keys.add(binding) });
  const alerts = new Alerts(player);
  const controls = new Controls(screen, crosshair, {
    explain: ({ second, tick, levelId }, isShifted) => {
      if (levelId !== undefined) explainer.score(second, levelId);
      else if (isShifted && ownLevel.isAllowed) ownLevel.open();
      else explainer.cell(second, tick, screen.layers);
    },
    changed: () => address.refresh(),
  });
  const levelsPanel = new LevelsPanel((id) => explainer.odds(id), () => player.surfaces.includes("scores"));
  const ladders = new Ladders(player, () => screen.request());
  const card = new Card(player, screen.question, () => {
    screen.request();
    address.refresh();
  });
  const nowPanel = new NowPanel();
  const liveBar = new LiveBar(
    player, { addKey: (binding) => keys.add(binding), goToEnd: () => player.goToEnd() }, [card, nowPanel, levelsPanel],
  );
  /** @type {[{update: (ring: Ring, tickInt: number) => void}, string][]} */
  const folded = [
    [nowPanel, "now-panel"], [new TurnPanel(), "turn-panel"], [levelsPanel, "levels-panel"],
    [new StrikesPanel(), "strikes-panel"],
  ];
  // what a panel does not find may still come: until then it keeps what it shows, and the card is faint
  const fill = (/** @type {{update: (ring: Ring, tickInt: number) => void}} */ panel) => {
    if (!player.isComing) panel.update(ring, player.tickInt);
  };
  const age = () => setAttribute(byId("card"), "data-is-old", String(player.isComing));
  screen.parts = [
    ladders, { update: () => fill(card) }, { update: age },
    ...folded.map(([panel, id]) => whileOpen(id, () => fill(panel))),
    transport, crosshair, approaches, screen.retestMarks, screen.session,
    ownLevel, liveBar, alerts,
    { update: () => controls.checkReach() },
    { update: () => controls.showDepth() },
    { update: () => showSkipped() },
    { update: () => showEnd() },
  ];

  let notedUntil = 0;
  const note = (/** @type {string} */ text) => {
    notedUntil = performance.now() + NOTE_MS;
    setText(byId("note"), text);
  };
  let skippedBefore = 0;
  let wasAtEnd = false;
  const showEnd = () => {
    const isAtEnd = player.state === "end of the day";
    if (isAtEnd && !wasAtEnd) note("The day is over: drag the slider, or press A for its approaches.");
    wasAtEnd = isAtEnd;
  };
  const showSkipped = () => {
    if (player.skipped > skippedBefore) {
      note(`${player.skipped - skippedBefore} s were skipped to keep up with the stream`);
      skippedBefore = player.skipped;
    } else if (notedUntil && performance.now() > notedUntil) {
      notedUntil = 0;
      setText(byId("note"), "");
    }
  };
  const changed = () => {
    screen.request();
    transport.update();
  };

  /** @param {import("./wire/api.js").DayRange} day */
  const opening = (day) => async (/** @type {any} */ meta) => (meta.is_live ? "end" : approaches.opening(day, meta));
  /**
   * @param {import("./wire/api.js").DayRange} day
   * @param {number | "end" | ((meta: any) => Promise<number | "start" | "end">)} second
   * @param {boolean} playing
   */
  const openDay = (day, second, playing) => {
    approaches.clear();
    screen.retestMarks.clear();
    screen.question.clear();
    liveBar.clear();
    ladders.clear();
    address.refresh();
    return player.open(day, second, playing);
  };
  /**
   * The last day with a study window, or the last one if none has.
   * @param {import("./wire/api.js").DayRange[]} days
   */
  const lastWithDepth = async (days) => {
    const newestFirst = [...days].sort((one, other) => (one.dt < other.dt ? 1 : one.dt > other.dt ? -1 : 0));
    for (const day of newestFirst) {
      try {
        if ((await player.prefetch(day)).wall_first_window_end_ts_ns) return day;
      } catch {
        // the player says why when it opens the day
        break;
      }
    }
    return newestFirst[0];
  };
  const refreshDays = async () => transport.setDays(await getDays());
  /** @param {import("./url.js").Moment} moment */
  const visit = async (moment) => {
    const { days } = transport;
    if (!days.length) {
      player.reason = "Nothing is published yet: build the lake, then reload this page.";
      changed();
      return;
    }
    const fitting = days.filter(
      ({ symbol, dt }) => symbol === (moment.symbol ?? symbol) && dt === (moment.dt ?? dt),
    );
    if (moment.speed !== undefined) player.speed = moment.speed;
    if (moment.zoom) [view.zoomPrice, view.zoomTime] = moment.zoom;
    controls.fixDepth(moment.depth ?? null);
    const known = LAYER_BUTTONS.map(([layer]) => layer);
    if (moment.layers || !screen.layers.size) {
      controls.setLayers(known.filter((layer) => (moment.layers ?? DEFAULT_LAYERS).includes(layer)));
    }
    if (!fitting.length) {
      player.leave(unknownWords(moment, days));
      return;
    }
    const chosen = moment.dt === undefined ? await lastWithDepth(fitting) : fitting[fitting.length - 1];
    // a shared moment stands still; another one is replayed from its first approach
    const isShared = moment.dt !== undefined && moment.ts !== undefined;
    const second = isShared ? toSecond(chosen.dt, moment.ts ?? "0") : opening(chosen);
    const opened = openDay(chosen, second, !isShared);
    if (moment.level !== undefined) screen.question.keep(moment.level);
    controls.update();
    await opened;
  };
  const share = async () => {
    const text = address.write();
    try {
      await navigator.clipboard.writeText(text);
      note("The address of this moment is copied.");
    } catch {
      note("The address bar holds this moment.");
    }
  };
  byId("share").onclick = share;
  byId("theme").onclick = () => theme.toggle();
  window.addEventListener("hashchange", () => visit(readMoment(location.hash)));
  document.addEventListener("visibilitychange", () => screen.request());

  const ask = (/** @type {() => void} */ choose) => {
    choose();
    screen.request();
    address.refresh();
  };
  const keys = new Keys([
    { keys: [" "], shown: "space", words: "Play or pause", run: toggle },
    { keys: ["ArrowLeft"], shown: "←", words: "Back 10 seconds", run: () => step(-10) },
    { keys: ["ArrowRight"], shown: "→", words: "On 10 seconds", run: () => step(10) },
    { keys: ["shift+ArrowLeft"], shown: "shift ←", words: "Back 1 minute", run: () => step(-60) },
    { keys: ["shift+ArrowRight"], shown: "shift →", words: "On 1 minute", run: () => step(60) },
    { keys: ["+", "="], shown: "+", words: "Faster", run: () => transport.changeSpeed(1) },
    { keys: ["-"], shown: "−", words: "Slower", run: () => transport.changeSpeed(-1) },
    { keys: ["b"], shown: "B", words: "Previous approach to a level", run: () => approaches.step(-1) },
    { keys: ["n"], shown: "N", words: "Next approach to a level", run: () => approaches.step(1) },
    { keys: ["a"], shown: "A", words: "List of approaches", run: () => approaches.toggle() },
    ...LAYER_BUTTONS.map(([layer, name, letter]) => ({
      keys: [letter], shown: letter.toUpperCase(), words: `Show or hide: ${name.toLowerCase()}`,
      run: () => controls.toggleLayer(layer),
    })),
    { keys: ["d"], shown: "D", words: "Columns of the rows behind the cell under the pointer", run: () => crosshair.toggleColumns() },
    { keys: ["ArrowUp"], shown: "↑", words: "Card: the next level above", run: () => ask(() => screen.question.step(ring, 1)) },
    { keys: ["ArrowDown"], shown: "↓", words: "Card: the next level below", run: () => ask(() => screen.question.step(ring, -1)) },
    { keys: ["i"], shown: "I", words: "Card: keep this level, or stop to keep it", run: () => ask(() => screen.question.togglePin(ring)) },
    { keys: ["f"], shown: "F", words: "Follow spot", run: () => controls.toggleFollow() },
    { keys: ["x"], shown: "X", words: "Zoom in", run: () => controls.zoomBoth(1) },
    { keys: ["z"], shown: "Z", words: "Zoom out", run: () => controls.zoomBoth(-1) },
    { keys: ["0"], shown: "0", words: "Default range", run: () => controls.reset() },
    { keys: ["m"], shown: "M", words: "Dark or light", run: () => theme.toggle() },
    { keys: ["u"], shown: "U", words: "Copy the address of this moment", run: share },
    { keys: ["?"], shown: "?", words: "Keys, colours and marks", run: () => keys.toggleHelp() },
    {
      keys: ["Escape"], shown: "esc", words: "Close what is open",
      run: () => {
        explainer.close();
        approaches.close();
        keys.help.close();
      },
    },
  ], () => legend(paint, theme.name));
  screen.resize();
  // read by tests and benchmarks; it shows nothing that the page does not
  Object.defineProperty(window, "hud", { value: Object.freeze({ player, view, screen, crosshair, ladders, alerts, liveBar }) });
  return { player, refreshDays, visit };
}

try {
  const answer = await fetch(new URL("paint.json", import.meta.url));
  if (!answer.ok) throw new Error(`paint.json: ${answer.status}`);
  const { player, refreshDays, visit } = build(await answer.json());
  const moment = addressMoment();
  const { symbol, dt } = moment;
  if (symbol !== undefined && dt !== undefined) player.prefetch({ symbol, dt });
  await refreshDays();
  await visit(moment);
} catch (error) {
  const message = byId("message");
  message.hidden = false;
  message.textContent = `The screen could not start: ${reasonOf(error)}`;
}
