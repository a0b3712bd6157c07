const IDLE_MS = 3000;

/** Hide the pointer, and what is only for it, while nobody moves it: `data-idle` of the root (static/css/screen.css). */
export function hideIdlePointer() {
  const root = document.documentElement;
  let timer = 0;
  const moved = () => {
    delete root.dataset.idle;
    clearTimeout(timer);
    timer = setTimeout(() => (root.dataset.idle = ""), IDLE_MS);
  };
  for (const type of ["pointermove", "pointerdown", "keydown"]) addEventListener(type, moved);
  moved();
}
