// Formulas, then sizes, then the show. Labs have been made by the script above.
(() => {
  "use strict";
  const reveal = document.querySelector(".reveal");
  const pages = [...document.querySelectorAll(".deck-page")];

  for (const page of pages) {
    renderMathInElement(page, {
      delimiters: [
        { left: "$$", right: "$$", display: true },
        { left: "$", right: "$", display: false },
      ],
      ignoredClasses: ["relu-lab"],
    });
  }

  // What is too high or too wide for the stage is made smaller; how much is told to the tests.
  const LEAST = 0.6;
  const fits = (body) =>
    body.scrollHeight <= body.clientHeight + 1 && body.scrollWidth <= body.clientWidth + 1;
  function fit() {
    reveal.classList.add("deck-measuring");
    for (const page of pages) {
      const body = page.querySelector(".deck-body");
      if (page.parentElement.classList.contains("deck-title")) continue;
      let scale = 1;
      page.style.removeProperty("--fit");
      while (scale > LEAST && !fits(body)) {
        scale = Math.round(100 * scale - 4) / 100;
        page.style.setProperty("--fit", scale);
      }
      page.dataset.fit = scale;
    }
    reveal.classList.remove("deck-measuring");
  }

  document.fonts.ready.then(() => {
    // Labs draw themselves in the next frames, and are measured then.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      fit();
      Reveal.initialize({
        width: 1280,
        height: 720,
        margin: 0.01,
        center: false,
        controlsLayout: "edges",
        hash: true,
        navigationMode: "linear",
        pdfSeparateFragments: false,
        pdfMaxPagesPerSlide: 1,
        progress: true,
        scrollActivationWidth: null,
        slideNumber: "c/t",
        transition: "none",
        viewDistance: 2,
        plugins: [RevealNotes],
      });
    }));
  });
})();
