"""Answers written by hand for the tests, as sentences; every one of them fictional."""

from __future__ import annotations

QUESTION = {
    "en": "Tell us about a difficult problem you solved at work or in your studies: what was the situation, "
    "what exactly did you do, and how did it turn out?",
    "zh": "请讲一件你在工作或学习中解决过的难题：当时是什么情况，你具体做了什么，结果怎么样？",
}
INTRODUCTION = {
    "en": "Please take a minute or two to introduce yourself: what have you done, what are you best at, "
    "and why does this job interest you?",
    "zh": "请用一两分钟介绍一下你自己：你做过什么，最擅长什么，为什么对这份工作感兴趣？",
}
KEY_POINTS = {
    "en": (
        "what the problem was and why it was hard",
        "what I did to solve it",
        "the result and what I learned",
    ),
    "zh": ("遇到了一个难题", "我分析原因，动手解决问题", "问题解决以后的结果和经验"),
}

ON_TOPIC = {
    "en": (
        "In my second year at the company our delivery software kept losing orders every Friday night.",
        "Nobody knew why, and about forty customers complained each week.",
        "I took it on, collected the server logs of three weekends, and drew a timeline of every lost order.",
        "That showed me that two jobs wrote to the same table at the same moment.",
        "I wrote a small test that reproduced the fault on my own machine.",
        "Then I changed the jobs so that they wait for one another, and a colleague reviewed the change.",
        "We rolled it out to one depot first and watched it for a week.",
        "After that no order was lost any more, and complaints fell to almost nothing.",
        "What I learned is to measure first and to change one thing at a time.",
    ),
    "zh": (
        "我在上一家公司做后台开发的时候，每到周末系统就会丢订单，客户投诉特别多。",
        "当时没有人知道原因，大家都觉得是网络的问题。",
        "我主动接下了这个任务，先把三个周末的日志全部拉出来，按时间排成一张表。",
        "排完以后我发现，有两个任务会在同一时刻写同一张表，互相覆盖。",
        "我写了一个小程序，在自己的电脑上把这个故障重现了出来。",
        "然后我给任务加了锁，让它们排队执行，又请同事帮我检查了代码。",
        "我们先在一个仓库试用了一周，确认没有问题才全部上线。",
        "上线以后再也没有丢过订单，投诉几乎降到了零。",
        "这件事让我明白，遇到问题要先看数据，再动手改。",
    ),
}
ON_TOPIC_INTRODUCTION = {
    "en": (
        "My name is Han Meimei and I have worked as a nurse for six years, four of them in intensive care.",
        "Before that I studied nursing in Nanjing and finished second in my class.",
        "I am best at staying calm when a patient suddenly gets worse and at explaining things to families.",
        "Last year I trained eight new colleagues and wrote our guide for the night shift.",
        "This job interests me because your hospital is building a new cardiac ward.",
        "I would like to help shape such a team from the beginning.",
    ),
    "zh": (
        "大家好，我叫韩梅梅，做了六年护士，其中四年在重症监护室工作。",
        "之前我在南京读护理专业，毕业时成绩是班里第二名。",
        "我最擅长的是在病人突然恶化的时候保持冷静，还有和家属耐心沟通。",
        "去年我带了八位新同事，还编写了我们科室的夜班手册。",
        "我对这份工作感兴趣，是因为贵院正在建设新的心脏病房。",
        "我希望能从一开始就参与这个团队的建设。",
    ),
}
OFF_TOPIC = {
    "en": (
        "My favourite dish is noodles with beef, and I cook it nearly every weekend.",
        "First I fry the onions until they are golden, then I add the meat and some ginger.",
        "The broth has to stand on a low flame for three hours.",
        "My neighbour grows her own chillies on the balcony and gives me a few of them.",
        "When the weather is good we eat outside and look at the mountains.",
        "In winter there is snow on them until late in March.",
    ),
    "zh": (
        "我最喜欢吃牛肉面，差不多每个周末都会自己做。",
        "先把洋葱炒到金黄，再放牛肉和姜片一起翻炒。",
        "汤要用小火慢慢炖三个小时，这样味道才浓。",
        "邻居在阳台上种了辣椒，经常送我几个。",
        "天气好的时候我们就在院子里吃，可以看到远处的山。",
        "冬天山上全是雪，一直到三月底才化。",
    ),
}
FOREIGN = {
    # What the interview's language is, and an answer in another.
    "en": (
        "L'année dernière, notre équipe a perdu plusieurs commandes chaque vendredi soir.",
        "J'ai analysé les journaux du serveur et trouvé la cause en trois jours.",
        "Ensuite, nous avons corrigé le programme et les clients étaient satisfaits.",
    ),
    "zh": ON_TOPIC["en"],
}
