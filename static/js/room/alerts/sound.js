/** Two short notes, made here: nothing is loaded. */

/** In Hz. */
const NOTES = { said: [660, 880], mention: [880, 1175, 880] };
const NOTE_S = 0.12;
const LOUDNESS = 0.12;

/** A sound that is allowed later would be for nothing. */
const WAIT_MS = 1000;

const PRESSES = ["pointerdown", "keydown"];

export class Sound {
  /** @type {AudioContext | undefined} */
  #context;

  /** Browsers let a page be heard after a press on it. To be called when sounds are wanted. */
  prepare() {
    const made = () => {
      for (const press of PRESSES) removeEventListener(press, made, true);
      this.#made();
    };
    for (const press of PRESSES) addEventListener(press, made, true);
  }

  /** @param {boolean} toMe whether what was said is addressed to the reader */
  async play(toMe) {
    const context = this.#made();
    if (context.state !== "running") await Promise.race([context.resume(), new Promise((late) => setTimeout(late, WAIT_MS))]);
    if (context.state !== "running") return;
    for (const [at, frequency] of NOTES[toMe ? "mention" : "said"].entries()) note(context, frequency, at * NOTE_S);
  }

  #made() {
    this.#context ??= new AudioContext();
    return this.#context;
  }
}

/**
 * @param {AudioContext} context
 * @param {number} frequency Hz
 * @param {number} after seconds
 */
function note(context, frequency, after) {
  const begin = context.currentTime + after;
  const [tone, loudness] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = frequency;
  loudness.gain.setValueAtTime(0, begin);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.01);
  loudness.gain.exponentialRampToValueAtTime(0.001, begin + 2 * NOTE_S);
  tone.connect(loudness).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + 2 * NOTE_S);
}
