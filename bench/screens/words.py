"""Who takes part, and what is written and said, in both languages. The people are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """`candidate` sits before the camera, `others` beside them on the wall, `earlier` are done. `colleagues`
    recruit and hire with `chief`; `why` they pass somebody."""

    chief: str
    colleagues: tuple[str, str]
    candidate: str
    others: tuple[str, ...]
    earlier: tuple[str, ...]
    job: str
    description: str
    sheet: str
    answer: str
    note: str
    tags: str
    asked: str
    reason: str
    why: str


_ZH = Words(
    chief="王芳",
    colleagues=("李静", "孙浩"),
    candidate="林晓雨",
    others=("周一鸣", "沈佳"),
    earlier=("陈思远", "赵敏", "许文博", "何雨桐", "郭子豪", "马晓东", "罗静怡", "谢天佑"),
    job="企业客户销售代表",
    description=(
        "企业客户销售代表\n\n岗位职责：\n1、负责企业软件产品的销售，完成季度销售目标；\n"
        "2、与客户沟通，了解业务需求，给出解决方案；\n3、处理客户投诉，维护长期合作关系；\n"
        "4、与售前、交付同事协作，推动项目落地。\n\n任职要求：\n1、两年以上销售经验，有谈判能力；\n"
        "2、抗压能力强，具备团队合作精神；\n3、会使用 Excel 做数据分析。\n"
    ),
    sheet=(
        "姓名,邮箱,手机,编号\n林晓雨,linxiaoyu@example.com,13800138000,C-1001\n周一鸣,zhouyiming@example.com,,C-1002\n"
        "沈佳,shenjia@example.com,13900139000,C-1003\n韩梅,han.mei@example,,C-1004\n高原,,1380013,C-1005\n"
    ),
    answer=(
        "您好，我叫林晓雨，做了三年企业软件销售。去年我负责一家连锁药店客户，对方觉得我们的价格太高，一直没有签合同。"
        "我先请店长带我看了他们每天怎么盘点，发现最大的麻烦是库存不准。于是我和售前同事一起做了一个月的试用，"
        "用数据说明可以少压两成库存。最后客户签了两年的合同，我也因此完成了全年的销售目标。"
    ),
    note="先了解需求，再谈价格",
    tags="倾听, 追问",
    asked="客户当时最担心的是什么？",
    reason="等候设备调整",
    why="回答具体，有数据",
)
_EN = Words(
    chief="Grace Wang",
    colleagues=("Helen Price", "Marco Rossi"),
    candidate="Lin Xiaoyu",
    others=("Zhou Yiming", "Shen Jia"),
    earlier=(
        "Amelia Carter",
        "Chen Siyuan",
        "David Okafor",
        "He Yutong",
        "Maria Lopez",
        "Noah Schmidt",
        "Priya Raman",
        "Xu Wenbo",
    ),
    job="Sales representative, business customers",
    description=(
        "Sales representative, business customers\n\nWhat you will do\n"
        "- sell our software to companies and reach the quarterly sales target\n"
        "- talk with customers, understand what their business needs and propose a solution\n"
        "- handle customer complaints and keep long-term relationships\n"
        "- work with presales and delivery colleagues as a team\n\nWhat you bring\n"
        "- two years of sales experience and negotiation skill\n"
        "- composure under pressure, teamwork, data analysis in Excel\n"
    ),
    sheet=(
        "name,email,phone,id,language\nLin Xiaoyu,linxiaoyu@example.com,13800138000,C-1001,en\n"
        "Zhou Yiming,zhouyiming@example.com,,C-1002,en\nShen Jia,shenjia@example.com,13900139000,C-1003,en\n"
        "Han Mei,han.mei@example,,C-1004,en\nGao Yuan,,1380013,C-1005,en\n"
    ),
    answer=(
        "My name is Lin Xiaoyu and I have sold business software for three years. Last year I looked "
        "after a chain of pharmacies. They thought that our price was too high and would not sign. I "
        "asked the store manager to show me how they count their stock every day, and I found that their "
        "biggest trouble was wrong stock figures. So I set up a trial of one month with a colleague and "
        "showed with their own data that they could hold twenty percent less stock. In the end the "
        "customer signed for two years and I reached my sales target."
    ),
    note="Asks about the need before the price",
    tags="listening, follow up",
    asked="What worried the customer most?",
    reason="waiting for their headset",
    why="Concrete, with figures",
)
WORDS: dict[Language, Words] = {"zh": _ZH, "en": _EN}
# Further jobs, so that a list is a list: id, titles, role.
JOBS = (
    ("backend-engineer", "后端研发工程师", "Back-end engineer", "engineer"),
    ("ward-nurse", "住院部护士", "Ward nurse", "nurse"),
    ("service-agent", "在线客服专员", "Customer service agent", "customer-service"),
)
