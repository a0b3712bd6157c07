// 연결 하나를 열어 두면 서버가 계속 보냅니다. 끊기면 브라우저가 스스로 다시 연결합니다.
const source = new EventSource("/lessons/events");

source.onopen = () => {
    console.log("SSE: 연결됨");
};
source.onmessage = (event) => {
    console.log("SSE:", event.lastEventId, event.data);
};
