"""Two answers to the same question, one in the language of writing, one of talk; both fictional."""

from __future__ import annotations

WRITTEN = {
    "en": (
        "In a previous position within the department of logistics, the principal difficulty was the "
        "regular loss of orders in the management of deliveries. The resolution of this difficulty "
        "required a systematic analysis of information from three sources, through which the "
        "simultaneous execution of two processes was identified as the cause. A reproduction of the "
        "fault in an isolated environment was followed by the implementation of an appropriate "
        "synchronisation between these processes. In consequence, the number of complaints was reduced "
        "from forty in each week to almost none, and the satisfaction of customers was restored within "
        "the period of one month."
    ),
    "zh": (
        "在此前任职期间，部门面临的主要难题为配送系统每周定期丢失订单，并由此引发客户投诉。针对该问题，本"
        "人首先对三个周末的日志进行系统分析，并按时间顺序加以整理，最终确认两项任务同时写入同一数据表为根"
        "本原因。随后在独立环境中实现故障重现，并通过引入加锁机制确保任务依次执行。该方案经试点验证后全面"
        "实施，相关投诉由每周四十起降至接近于零，客户满意度显著提升，同时为团队积累了以数据为依据进行分析"
        "与决策的宝贵经验。"
    ),
}

TALKED = {
    "en": (
        "So, I was at this delivery company, and our system kept losing orders, you see, every Friday "
        "night. I didn't know why and my boss didn't either, so I just took the logs home and I looked "
        "at them for two evenings. I saw that there were these two jobs and they wrote to the same "
        "table, like at the same moment. I made a small test and it broke right there on my laptop, so I "
        "knew I had it. I told the guys, we put a lock on it, and well, after that we never lost one "
        "again. My boss was really happy, I got a bonus, and I think I learned a lot."
    ),
    "zh": (
        "我当时在一家送货的公司，我们那个系统每个周五晚上就丢单子，我也不知道为什么，我领导也不知道。我就"
        "把日志拿回家看了两个晚上，我发现有两个任务会同时去写一张表，这样就互相盖掉了。我就写了个小测试，"
        "在我自己电脑上一跑就出问题了，我就知道找到了。然后我跟同事说了，我们给它加了把锁，之后就再也没有"
        "丢过单子了。我领导挺高兴的，还给我发了奖金，我觉得我学到了很多东西，其实就是要多看数据吧。"
    ),
}
