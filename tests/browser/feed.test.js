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

for (const [what, active, connects] of [
  ["that the server refused connects again", false, 1],
  ["whose connection is lost leaves that to the client", true, 0],
]) {
  test(`a lobby ${what}`, () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const socket = refusedSocket({ active });
      let told = 0;
      new LobbyFeed(socket, {}, { onLost: () => told++ });
      socket.refuse();
      mock.timers.tick(3000);
      assert.deepEqual([socket.connects, told], [connects, 1]);
    } finally {
      mock.timers.reset();
    }
  });
}
