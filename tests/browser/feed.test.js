// The lobby that the server refuses. Run by test_models.py.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { LobbyFeed } from "../../static/js/lobby/feed.js";

/** A socket that is refused: it calls its listeners, and counts how often it is told to connect. */
function refusedSocket({ active }) {
  const listeners = {};
  return {
    active,
    connects: 0,
    on(event, listener) {
      listeners[event] = listener;
    },
    connect() {
      this.connects++;
    },
    refuse: () => listeners.connect_error(new Error("too fast")),
  };
}

test("a lobby that the server refused connects again", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const refused = refusedSocket({ active: false });
    const lost = refusedSocket({ active: true }); // which the client connects again itself
    let told = 0;
    for (const socket of [refused, lost]) {
      new LobbyFeed(socket, {}, { onLost: () => told++ });
      socket.refuse();
    }
    mock.timers.tick(3000);
    assert.deepEqual([refused.connects, lost.connects, told], [1, 0, 2]);
  } finally {
    mock.timers.reset();
  }
});
