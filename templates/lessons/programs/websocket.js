// 연결 하나로 서버도 브라우저도 아무 때나 보낼 수 있습니다.
const socket = new WebSocket(location.origin.replace("http", "ws"));

socket.onopen = () => {
    console.log("웹소켓: 연결됨");
};
socket.onmessage = (event) => {
    console.log("웹소켓:", event.data);
    socket.send("클라이언트에서 서버로 답장을 보냅니다.");
};
