// 서버는 새 소식이 생길 때까지 대답을 미룹니다. 대답을 받으면 바로 다시 묻습니다.
async function ask(last) {
    const response = await fetch(`/lessons/poll?wait=1&after=${last}`);
    const answer = await response.json();
    for (const event of answer.events) {
        console.log("롱 폴링:", event.text);
    }
    ask(answer.last);
}

ask("");
