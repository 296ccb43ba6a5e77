// Draws the chart that the table below it tells, and prints. The page is complete without.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  const box = document.getElementById("plot-days");
  if (!box || !window.uPlot) return;
  const rows = [...document.querySelectorAll(`#${box.dataset.from} tbody tr`)];
  if (rows.length < 2) {
    box.closest(".card").querySelector("details").open = true;
    return;
  }
  const labels = rows.map((row) => row.querySelector("th").textContent);
  const column = (n) => rows.map((row) => Number(row.children[n].textContent));
  const data = [rows.map((_, i) => i), column(1), column(2)];
  const colour = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(--${name})`;
    box.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const draw = () => {
    const muted = colour("muted");
    const axis = { stroke: muted, font: "12px system-ui", grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
    const every = Math.max(1, Math.ceil(labels.length / Math.max(2, Math.floor(box.clientWidth / 92))));
    const options = {
      width: box.clientWidth,
      height: 240,
      cursor: { y: false, drag: { x: false, y: false } },
      hooks: { setCursor: [(plot) => box.classList.toggle("reading", plot.cursor.idx != null && plot.cursor.left >= 0)] },
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(4, high * 1.1)] } },
      axes: [
        { ...axis, grid: { show: false }, splits: () => data[0].filter((i) => i % every === 0), values: (_, at) => at.map((i) => labels[i].replace(/^\S+ /, "")) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
      ],
      series: [
        { label: box.dataset.day, value: (_, i) => labels[i] ?? "–" },
        { label: box.dataset.now, stroke: colour("accent"), width: 2, fill: colour("accent-soft"), points: { size: 5 } },
        { label: box.dataset.before, stroke: muted, width: 1.5, dash: [5, 5], points: { show: false } },
      ],
    };
    box.replaceChildren();
    new window.uPlot(options, data, box);
  };
  box.hidden = false;
  draw();
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth !== width) {
      width = box.clientWidth;
      draw();
    }
  }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
