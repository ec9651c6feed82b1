"""Lab 3 in a browser: whole runs against `helpers`, live changes, buttons, keys, little motion."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from helpers import datasets
from helpers.labs import DyingRelu
from helpers.labs.lab import module_of, style
from helpers.labs.web import page as whole_page
from helpers.labs.web import placeholder, script

PLACE = "document.querySelector('[data-relu-lab]')"
KEYS = list(DyingRelu(step=0).state())
SCRIPT = script(["dying_relu"])


def page_of(*labs: DyingRelu, head: str = "") -> str:
    """Write a page without static pictures, which take longer to draw than all the rest."""
    places = "".join(placeholder(lab.name, lab.state(), "") for lab in labs)
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return f"{meta}<style>{style()}</style>{head}{places}<script>{SCRIPT}</script>"


def state(page: Page) -> dict[str, Any]:
    values = page.evaluate(f"(keys) => keys.map((k) => {PLACE}.model.get(k))", KEYS)
    return dict(zip(KEYS, values, strict=True))


def lab_of(page: Page) -> DyingRelu:
    return DyingRelu(**state(page))


def seen(page: Page) -> dict[str, Any]:
    return page.evaluate(f"{PLACE}.model.get('seen')")


def words(page: Page, step: int | None = None) -> str:
    """Wait until the lab has drawn what its state says."""
    if step is not None:
        page.wait_for_selector(f".relu-lab[data-step='{step}']")
    page.wait_for_timeout(80)
    return page.locator(".lab-words").inner_text()


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


# --- numbers --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(chromium: Browser) -> Iterator[Callable[..., Any]]:
    """Run JavaScript with all of the lab's module in reach."""
    page = chromium.new_page()
    program = module_of("dying_relu").replace("export default { render };", "")
    page.set_content(f"<script>{program}</script>")
    yield lambda body, given=None: page.evaluate(f"(given) => {{ {body} }}", given)
    page.close()


@pytest.mark.parametrize("name", ["absolute", "sine", "moons", "circles", "spirals"])
def test_the_same_points_in_the_same_order(run: Callable[..., Any], name: str) -> None:
    for n, seed in [(100, 0), (101, 3), (100, 2**40 + 7)]:
        body = f"const d = DATASETS.{name}({n}, {seed}); return [[...d.x], [...d.y]];"
        x, y = run(body)
        expected = getattr(datasets, name)(n, seed=seed)
        np.testing.assert_allclose(x, expected.x.ravel(), atol=1e-14)
        np.testing.assert_allclose(y, expected.y.ravel(), atol=1e-14)


def test_permutations_are_those_of_numpy(run: Callable[..., Any]) -> None:
    body = "const r = numpy_random(5); return [r.permutation(7), r.random(), r.permutation(500)];"
    rng = np.random.default_rng(5)
    wanted = [rng.permutation(7).tolist(), rng.random(), rng.permutation(500).tolist()]
    assert run(body) == wanted


STEPS = """
const run = start_run(given.start, [[0, given.live], [0, given.live]]);
const told = [];
for (let step = 0; step <= 200; step++) {
  const layers = survey(run);
  const each = (which) => layers.map((layer) => count(layer[which]));
  told.push([run.loss, each("dead"), each("off")]);
  make_step(run);
}
return told;
"""


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.05), ("adam", 0.01)])
@pytest.mark.parametrize("task", ["absolute", "sine", "moons", "circles", "spirals"])
def test_a_whole_run_step_by_step(
    run: Callable[..., Any], task: str, optimizer: str, rate: float
) -> None:
    lab = DyingRelu(
        task=task,
        width=8,
        bias=-0.3,
        optimizer=optimizer,
        learning_rate=rate,
        activations=["relu", "leaky_relu", "relu"],
        step=200,
    )
    start = {key: getattr(lab, key) for key in ("task", "depth", "width", "initializer")}
    given = {"start": {**start, "bias": lab.bias, "seed": lab.seed}, "live": lab._live()}
    theirs = run(STEPS, given)
    ours = {step: rest for step, *rest in lab.run().curve}
    assert set(ours) == set(range(201))
    for step, (loss, dead, off) in enumerate(theirs):
        units = 3 * 8
        assert loss == pytest.approx(ours[step][0], abs=1e-4)
        assert sum(dead) / units == pytest.approx(ours[step][1], abs=1e-12)
        assert sum(off) / units == pytest.approx(ours[step][2], abs=1e-12)


# --- the lab --------------------------------------------------------------------------------------


def rescued() -> DyingRelu:
    lab = DyingRelu(step=40, seed=3)
    lab.change(activations=["leaky_relu"])
    lab.step += 9
    lab.change(optimizer="sgd", learning_rate=0.05)
    lab.step += 11
    return lab


SHOWN = [
    DyingRelu(),
    DyingRelu(task="sine", width=4, activations=["elu", "relu", "gelu"], step=30),
    DyingRelu(task="absolute", initializer="torch_default", bias=-1.0, step=25),
    DyingRelu(task="sine", optimizer="sgd", learning_rate=5.0, step=200),
    rescued(),
]


def test_it_says_what_helpers_say_and_writes_the_same_program(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(page_of(*SHOWN))
    for number, lab in enumerate(SHOWN):
        root = page.locator(".relu-lab").nth(number)
        root.and_(page.locator(f"[data-step='{lab.run().step}']")).wait_for()
        assert root.locator(".lab-words").inner_text() == lab.sentence()
        fates = [row.split("\t") for row in root.locator("tbody").inner_text().split("\n")]
        assert [int(row[1].split()[0]) for row in fates] == lab.dead
        assert [int(row[2]) for row in fates] == lab.died
        model = f"document.querySelectorAll('[data-relu-lab]')[{number}].model"
        assert page.evaluate(f"{model}.get('seen')")["came_back"] == lab.came_back
        root.get_by_text("This run as a Python program").click()
        page.wait_for_timeout(50)
        lab.step = lab.run().step
        assert root.locator(".lab-code").inner_text().strip() == lab.code().strip()


def test_steps_swap_and_reset_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(DyingRelu(step=40)))
    words(page, 40)
    page.keyboard.press("Tab")
    names = []
    for _ in range(4):
        names.append(page.evaluate("document.activeElement.textContent"))
        page.keyboard.press("Tab")
    assert names == ["Start", "One step", "Swap to leaky ReLU", "Reset"]
    button(page, "Swap to leaky ReLU").press("Enter")
    assert words(page) == lab_of(page).sentence()
    assert state(page)["past"][0][0] == 40
    for step in range(41, 46):
        button(page, "One step").press("Enter")
        assert words(page, step) == lab_of(page).sentence()
    assert "Of 29 dead at the swap (step 40)" in words(page)
    button(page, "Swap to ReLU").press("Enter")
    assert words(page) == lab_of(page).sentence()
    button(page, "Reset").press("Enter")
    assert words(page, 0) == lab_of(page).sentence()
    assert state(page)["past"] == []


def test_it_starts_pauses_and_can_be_repeated(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(DyingRelu(step=10, learning_rate=0.02)))
    words(page, 10)
    page.wait_for_timeout(200)
    assert state(page)["step"] == 10  # never by itself
    button(page, "Start").click()
    page.wait_for_timeout(400)
    page.get_by_label("activation", exact=True).select_option(label="leaky ReLU")
    page.wait_for_timeout(200)
    slope = page.get_by_label("leaky slope")
    slope.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    button(page, "Pause").click()
    told = words(page)
    lab = lab_of(page)
    assert lab.step > 14
    assert lab.slope == pytest.approx(0.12)
    assert len(lab.past) >= 2
    assert told == lab.sentence()
    assert seen(page)["loss"] == pytest.approx(lab.loss, abs=1e-6)


def test_reset_while_it_runs_and_rest_when_it_does_not(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(DyingRelu(step=10, speed=1000)))
    words(page, 10)
    button(page, "Start").click()
    page.wait_for_timeout(150)
    button(page, "Reset").click()
    assert words(page, 0) == DyingRelu(step=0).sentence()
    assert button(page, "Start").is_visible()
    page.evaluate(
        """() => {
          window.drawings = 0;
          const look = new MutationObserver(() => (drawings += 1));
          look.observe(document.body, { subtree: true, attributes: true, childList: true });
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("drawings") == 0


def test_it_stops_where_the_loss_runs_away(open_page: Callable[..., Page]) -> None:
    lab = DyingRelu(task="sine", optimizer="sgd", learning_rate=5.0, step=0, speed=1000)
    page = open_page(page_of(lab))
    words(page, 0)
    button(page, "Start").click()
    page.wait_for_function("document.querySelector('.lab-words').textContent.includes('ran away')")
    page.wait_for_timeout(100)
    assert words(page) == lab_of(page).sentence()
    assert button(page, "Start").is_disabled()
    assert seen(page)["loss"] is None


def test_other_settings_begin_again(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(DyingRelu(step=20)))
    words(page, 20)
    page.get_by_label("hidden layers").press("ArrowRight")
    page.get_by_label("task").select_option(label="sine (1-D)")
    page.get_by_label("bias at start").press("ArrowLeft")
    assert words(page, 0) == lab_of(page).sentence()
    assert (lab_of(page).depth, lab_of(page).task, lab_of(page).bias) == (4, "sine", -0.1)
    lab = lab_of(page)
    lab.seen = seen(page)
    assert lab._reading() is lab.seen  # it belongs to these settings
    assert lab.dead == lab_of(page).dead
    page.get_by_text("An activation for each layer").click()
    page.get_by_label("layer 2", exact=True).select_option(label="tanh")
    assert words(page, 0) == lab_of(page).sentence()
    assert lab_of(page).activations == ["relu", "tanh", "relu", "relu"]


def test_python_moves_the_lab(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(DyingRelu(step=20)))
    words(page, 20)
    page.evaluate(f"{PLACE}.model.set('step', 33)")
    assert words(page, 33) == DyingRelu(step=33).sentence()
    page.evaluate(f"{PLACE}.model.set('seed', 5)")
    page.wait_for_timeout(150)
    assert words(page, 33) == DyingRelu(step=33, seed=5).sentence()
    page.evaluate(f"{PLACE}.model.set('slope', 0.3)")  # in mid-training
    assert words(page, 33) == lab_of(page).sentence()
    wanted = rescued()
    body = f"(all) => Object.entries(all).forEach(([k, v]) => {PLACE}.model.set(k, v))"
    page.evaluate(body, wanted.state())
    assert words(page, 60) == wanted.sentence()


TWO = """
const state = given;
const listeners = new Set();
const model = {
  get: (key) => state[key],
  set(key, value) {
    if (JSON.stringify(state[key]) === JSON.stringify(value)) return;
    state[key] = value;
    for (const listener of [...listeners]) listener();
  },
  save_changes() {},
  on: (_, listener) => listeners.add(listener),
  off: (_, listener) => listeners.delete(listener),
};
window.model = model;
for (const name of ["one", "two"]) {
  const el = document.createElement("div");
  document.body.append(el);
  window[name] = render({ model, el });
}
"""


def test_two_views_of_one_lab_go_together(run: Callable[..., Any]) -> None:
    lab = DyingRelu(step=5, learning_rate=0.01, speed=60)
    run(TWO, lab.state())
    wait = "return new Promise((done) => setTimeout(done, 300));"
    press = "document.querySelectorAll('.lab-above button')[given].click();"
    run(wait)
    run(press, 0)  # start
    run(wait)
    run(press, 2)  # swap
    run(wait)
    run(press, 0)  # pause
    run(wait)
    now = run("return ['step', 'past', 'activations'].map((key) => model.get(key));")
    assert now[0] > 10
    lab = DyingRelu(**lab.state() | dict(zip(("step", "past", "activations"), now, strict=True)))
    told = run("return [...document.querySelectorAll('.lab-words')].map((p) => p.textContent);")
    assert told == [lab.sentence()] * 2
    assert run("one(); two(); return document.querySelectorAll('.relu-lab').length;") == 0


def test_keys_stay_in_the_lab(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(DyingRelu(step=0)))
    page.evaluate("document.addEventListener('keydown', (e) => (window.escaped = e.key))")
    page.get_by_label("learning rate").press("ArrowUp")
    assert page.evaluate("window.escaped ?? null") is None
    assert state(page)["learning_rate"] == pytest.approx(0.205, rel=0.05)


def test_frames_stay_quick(open_page: Callable[..., Page]) -> None:
    lab = DyingRelu(step=0, speed=1000, depth=6, width=24, learning_rate=0.001)
    page = open_page(page_of(lab))
    words(page, 0)
    page.evaluate(
        """() => {
          window.times = [];
          let last = performance.now();
          const look = (now) => {
            times.push(now - last);
            last = now;
            requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }"""
    )
    button(page, "Start").click()
    page.wait_for_timeout(800)
    button(page, "Pause").click()
    frames = page.evaluate("times")
    assert np.median(frames) < 60  # 17 on a quiet machine
    assert words(page) == lab_of(page).sentence()


def test_little_motion(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(DyingRelu(step=0, learning_rate=0.01)), reduced_motion="reduce")
    words(page, 0)
    page.evaluate(
        """() => {
          window.drawings = new Set();
          const look = () => {
            drawings.add(document.querySelector('.lab-words').textContent);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    button(page, "Start").click()
    page.wait_for_timeout(1300)
    drawings = page.evaluate("drawings.size")
    assert 2 <= drawings <= 5
    button(page, "Pause").click()
    assert words(page) == lab_of(page).sentence()
    assert lab_of(page).step > 5


@pytest.mark.parametrize(("width", "ground"), [(360, "#111111"), (800, "#ffffff")])
def test_it_fits_and_follows_the_ground(
    open_page: Callable[..., Page], width: int, ground: str
) -> None:
    head = f"<style>body {{ background: {ground}; }}</style>"
    lab = DyingRelu(depth=6, width=24, step=2, activations=["leaky_relu", "relu"])
    page = open_page(page_of(lab, head=head), width=width)
    words(page, 2)
    page.get_by_text("This run as a Python program").click()
    page.get_by_text("An activation for each layer").click()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    theme = page.locator(".relu-lab").get_attribute("data-theme")
    assert theme == ("light" if ground == "#ffffff" else "dark")
    units = page.locator(".lab-units .lab-unit")
    assert units.count() == 6 * 24
    cut = "(all) => all.filter((u) => u.getBoundingClientRect().right > innerWidth).length"
    assert units.evaluate_all(cut) == 0


def test_without_javascript_there_is_a_picture_and_a_sentence(
    open_page: Callable[..., Page],
) -> None:
    lab = DyingRelu()
    page = open_page(whole_page(lab), java_script_enabled=False)
    assert page.get_by_role("img").get_attribute("alt") == lab.sentence()
    assert json.loads(page.locator("[data-relu-lab]").get_attribute("data-state")) == lab.state()
