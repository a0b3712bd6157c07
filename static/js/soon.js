/**
 * @param {() => void} show
 * @returns {() => void} shows before the next frame, however often it is called until then
 */
export function beforeNextFrame(show) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      show();
    });
  };
}
