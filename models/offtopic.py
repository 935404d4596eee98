"""Texts about nothing that an interview asks: what an answer's similarity to a question is measured against.

Embedding cosines of unrelated texts are far from zero and differ from question to question. The mean and the
spread of a question's cosines to these texts say what "unrelated" looks like for that very question.
"""

from __future__ import annotations

ENGLISH: tuple[str, ...] = (
    "It rained all night and the river is still rising under the old bridge.",
    "Boil the potatoes for twenty minutes and mash them with butter and a little milk.",
    "The home side scored twice before half time and then defended until the whistle.",
    "My cat sleeps on the radiator all winter and ignores everybody who walks past.",
    "Turn left after the church, go straight on, and the station is on your right.",
    "The moon has no air, so its sky is black even when the sun is up.",
    "I bought new curtains for the bedroom because the old ones had faded.",
    "The film was two hours long and the ending made no sense to me at all.",
    "Tomatoes need a lot of sun and should be watered in the morning.",
    "She tuned her violin and played the slow movement once more.",
    "The museum opens at ten and children under twelve go in for free.",
    "Last summer we drove along the coast and slept in a tent by the sea.",
    "The bread was still warm, so we ate it with nothing but salt and oil.",
    "Whales breathe air and have to come up to the surface every few minutes.",
    "My tooth has been hurting since Tuesday and the dentist is on holiday.",
    "The train to the airport leaves every half hour from platform four.",
    "In the old story the fox tricks the crow into dropping the cheese.",
    "The snow was so deep that the bus could not get up the hill.",
    "He painted the fence green and the gate white before the weekend.",
    "Prices of apples went up after the frost in April.",
    "I watch football with my uncle on Sundays, and we always order pizza.",
    "The volcano has been quiet for two hundred years, but steam still rises from it.",
    "Her grandmother knitted a blue scarf for each of the seven children.",
    "You can see more stars from the desert than from any city.",
)

MANDARIN: tuple[str, ...] = (
    "昨晚下了一夜的雨，河水已经快要漫到桥面上了。",
    "土豆煮二十分钟，捞出来压成泥，再加一点黄油和牛奶。",
    "主队上半场进了两个球，下半场一直防守到终场哨响。",
    "我家的猫整个冬天都趴在暖气上睡觉，谁叫它都不理。",
    "过了前面的红绿灯往左拐，一直走，地铁站就在右手边。",
    "月球上没有空气，所以就算太阳出来了，天空也是黑的。",
    "卧室的窗帘褪色了，周末我去买了一副新的。",
    "那部电影足足两个小时，结局我完全没有看懂。",
    "西红柿喜欢太阳，最好早上浇水，不要浇在叶子上。",
    "她调好了小提琴，又把慢板从头拉了一遍。",
    "博物馆上午十点开门，十二岁以下的孩子不用买票。",
    "去年夏天我们沿着海边开车，晚上就在沙滩旁边搭帐篷。",
    "面包刚出炉还是热的，蘸点盐和橄榄油就很好吃。",
    "鲸鱼要用肺呼吸，每隔一会儿就得浮到水面上来。",
    "我从星期二开始牙疼，可是牙医正在休假。",
    "去机场的大巴每半个小时一班，在四号站台上车。",
    "故事里狐狸骗乌鸦唱歌，乌鸦一张嘴肉就掉了下来。",
    "雪下得太大，公交车爬不上那个坡。",
    "他周末把院子的栅栏刷成了绿色，大门刷成了白色。",
    "四月份下了霜，苹果的价格涨了不少。",
    "我星期天常和舅舅一起看足球，顺便叫一份披萨。",
    "这座火山两百年没有喷发过了，不过山口还在冒热气。",
    "奶奶给七个孩子每人织了一条蓝色的围巾。",
    "在沙漠里能看到的星星比在任何城市里都多。",
)
