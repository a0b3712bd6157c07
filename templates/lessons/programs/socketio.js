// <script src="/socket.io/socket.io.js"></script> 가 있는 페이지에서 실행합니다.
const news = io("/", { path: "/socket.io" });

news.on("news", (data) => {
    console.log("Socket.IO:", data);
    news.emit("reply", "Hello Node.JS");
});
