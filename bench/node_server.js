// The smallest Socket.IO server with the features of the course's chat. It stores nothing.
//
//   node node_server.js PORT [--joins]     --joins: broadcast joins, as gifchat does

import { createServer } from "node:http";
import { Server } from "socket.io";

const [port, ...flags] = process.argv.slice(2);
const emitsJoins = flags.includes("--joins");

const http = createServer();
const chat = new Server(http, { maxHttpBufferSize: 1e6 }).of("/chat");

let seq = 0;

chat.on("connection", (socket) => {
  socket.on("join", (room, ack) => {
    if (emitsJoins) {
      const user = "system";
      chat.to(room).emit("join", { room, user, event: "join", subject: socket.id, createdAt: new Date().toISOString() });
    }
    socket.join(room);
    ack({ ok: true });
  });
  socket.on("chat", ({ room, chat: text }, ack) => {
    seq += 1;
    const record = { _id: String(seq), seq, room, user: socket.id, createdAt: new Date().toISOString(), chat: text };
    chat.to(room).emit("chat", record);
    ack({ ok: true, _id: record._id, seq });
  });
});

http.listen(Number(port), "127.0.0.1", 4096, () => console.log("listening"));
