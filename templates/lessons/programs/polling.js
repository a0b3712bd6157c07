// 3초마다 서버에 새 소식이 있는지 묻습니다. 없어도 묻습니다.
let last = "";

setInterval(async () => {
    const response = await fetch(`/lessons/poll?after=${last}`);
    const answer = await response.json();
    last = answer.last;
    console.log("폴링:", answer.events.length, "개");
}, 3000);
