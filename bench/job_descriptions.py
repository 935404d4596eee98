"""Job descriptions written for measuring, and the dimensions that a recruiter would choose from them.

The first eight were looked at while the thresholds were set, the others only counted afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.topics import Language


@dataclass(frozen=True, slots=True)
class Description:
    """`wanted`: what a recruiter expects to be named. `fine`: also in the text, no mistake to name it."""

    id: str
    language: Language
    text: str
    wanted: frozenset[str]
    fine: frozenset[str] = frozenset()


def _described(id_: str, language: Language, wanted: str, fine: str, text: str) -> Description:
    return Description(id_, language, text.strip(), frozenset(wanted.split()), frozenset(fine.split()))


SEEN: tuple[Description, ...] = (
    _described(
        "customer-service-zh",
        "zh",
        "service communication composure",
        "teamwork spreadsheets problem-solving",
        """
在线客服专员
岗位职责：
1、通过电话和在线渠道为客户提供咨询，负责客户服务及售后问题的跟进；
2、处理客户投诉，安抚客户情绪，提升客户满意度；
3、记录客户反馈，整理常见问题并反馈给相关部门。
任职要求：
1、大专及以上学历，普通话标准，沟通表达能力强；
2、性格开朗，有耐心，能承受一定的工作压力；
3、熟练使用办公软件。
福利待遇：五险一金，带薪年假，团队旅游，节日礼品。
""",
    ),
    _described(
        "data-analyst-zh",
        "zh",
        "data-analysis spreadsheets communication",
        "teamwork problem-solving programming organisation",
        """
数据分析师
工作内容：
- 搭建业务指标体系，完成日常报表和专题数据分析，支持运营决策；
- 与产品、运营部门沟通需求，把分析结论讲清楚；
- 设计并评估A/B测试。
要求：
- 统计学、数学或计算机相关专业本科以上；
- 精通Excel和SQL，了解Python者优先；
- 逻辑清晰，有良好的跨部门协作能力。
""",
    ),
    _described(
        "sales-en",
        "en",
        "sales persuasion composure communication",
        "teamwork organisation service",
        """
Account Executive

About us
We are a fast-growing software company with offices in three countries and a friendly team.

What you will do
- Build your own pipeline by prospecting and cold calling, and close new business every quarter
- Negotiate contracts with buyers and handle objections with confidence
- Keep the CRM up to date and forecast accurately

What you bring
- Two or more years of B2B selling with a record of meeting quota
- Excellent communication and presentation skills
- Resilience: you stay calm when a customer says no

What we offer
Competitive salary, health insurance, and training in data analysis and leadership for everybody.
""",
    ),
    _described(
        "backend-zh",
        "zh",
        "programming system-design problem-solving",
        "teamwork communication learning",
        """
Java后端开发工程师
职责描述
1. 负责核心交易系统的后端开发与维护，编写高质量代码和单元测试；
2. 参与高并发、分布式系统的架构设计和性能优化；
3. 排查线上故障，分析原因并推动改进。
任职资格
1. 三年以上Java开发经验，熟悉Spring、MySQL、Redis；
2. 理解微服务与消息队列；
3. 学习能力强，具备良好的团队合作精神。
""",
    ),
    _described(
        "nurse-en",
        "en",
        "clinical patient-care teamwork",
        "communication composure detail",
        """
Registered Nurse, Emergency Department

Responsibilities:
* Assess patients on arrival, monitor vital signs and carry out triage
* Give medication and follow the care plan agreed with the physician
* Comfort patients and explain each step to their families
* Work closely with doctors, paramedics and other nurses

Requirements:
* Valid nursing licence and two years of clinical experience
* Able to work in a fast-paced ward, including nights
""",
    ),
    _described(
        "hr-zh",
        "zh",
        "recruiting communication",
        "organisation integrity teamwork",
        """
招聘专员
岗位职责
1. 根据用人部门需求发布职位，筛选简历，安排并参与面试；
2. 维护招聘渠道，建立人才库，跟进候选人入职；
3. 协助处理员工关系相关事务。
任职要求
1. 人力资源相关专业，一年以上招聘经验；
2. 沟通能力强，亲和力好；
3. 原则性强，能够对薪酬信息严格保密。
""",
    ),
    _described(
        "accountant-en",
        "en",
        "accounting detail spreadsheets",
        "integrity organisation",
        """
Staff Accountant
Duties
Prepare journal entries and close the general ledger at month-end.
Reconcile bank accounts and review accounts payable for accuracy.
Support the yearly audit and prepare tax returns.
Skills
Advanced Excel including pivot tables.
A meticulous person with a strong sense of confidentiality.
""",
    ),
    _described(
        "teacher-zh",
        "zh",
        "instruction communication",
        "learning patient-care teamwork organisation",
        """
小学语文教师
一、岗位职责：认真备课、授课，批改作业，完成教学任务；管理课堂纪律，关注每个学生的成长；定期与家长沟通学生情况；参加教研活动。
二、任职条件：持有教师资格证，普通话二级甲等以上；热爱教育事业，表达能力好。
""",
    ),
)

HELD_OUT: tuple[Description, ...] = (
    _described(
        "support-en",
        "en",
        "service communication problem-solving",
        "composure teamwork learning",
        """
Customer Support Representative
You will be the first person our customers talk to. You answer questions by phone, chat and e-mail,
resolve complaints and see to it that people leave satisfied. You troubleshoot technical issues with the
product and pass on what you cannot fix. We expect clear written and verbal English
and patience on a busy day.
""",
    ),
    _described(
        "sales-zh",
        "zh",
        "sales persuasion communication",
        "composure service teamwork",
        """
大客户销售经理
【工作职责】
1. 开拓区域内的企业客户，挖掘需求，推动项目签单，完成年度销售目标；
2. 负责方案讲解和商务谈判，维护客户关系，跟进回款；
3. 收集竞争对手和市场信息。
【任职要求】
1. 本科以上学历，五年以上B2B销售经验；
2. 善于与人打交道，表达流利，能说服不同层级的决策者；
3. 能适应经常出差，抗压能力强。
""",
    ),
    _described(
        "analyst-en",
        "en",
        "data-analysis communication",
        "spreadsheets programming teamwork problem-solving",
        """
Business Data Analyst
Key responsibilities
• Turn raw data into dashboards and reports that managers act on
• Define metrics with product teams and run A/B tests
• Present your findings to people who are not technical
Qualifications
• Degree in statistics, economics or similar
• Strong SQL and one of Tableau or Power BI; Excel for quick work
• Some Python is a plus
Benefits
• Free lunch, gym membership, and a sales team that loves karaoke
""",
    ),
    _described(
        "backend-en",
        "en",
        "programming system-design",
        "teamwork problem-solving learning communication",
        """
Senior Backend Engineer (Go)
You design and run services that handle millions of requests a day. You write well tested Go code, review
the code of others and mentor younger engineers. You care about scalability and high availability, and
you have built distributed systems before. When something breaks at night you find the root cause.
""",
    ),
    _described(
        "nurse-zh",
        "zh",
        "clinical patient-care",
        "composure teamwork communication detail service",
        """
病房护士
工作内容：
1、执行医嘱，密切观察患者病情变化，做好护理记录；
2、协助医生抢救危重病人；
3、为患者及家属做健康宣教，耐心解答疑问。
任职要求：护士执业证书；工作认真负责，动作细心；能适应夜班。
""",
    ),
    _described(
        "accountant-zh",
        "zh",
        "accounting detail",
        "spreadsheets integrity communication",
        """
总账会计
主要职责：负责日常账务处理，审核原始凭证；月末结账并编制财务报表；按时完成纳税申报；配合外部审计。
岗位要求：会计学专业，持初级以上职称；熟练使用用友、Excel；为人诚信，做事严谨细致。
""",
    ),
    _described(
        "manager-en",
        "en",
        "leadership organisation",
        "communication teamwork problem-solving service",
        """
Warehouse Shift Manager
You lead a shift of twenty people: you plan who works where, set priorities when three lorries arrive at
once, and keep to the loading schedule. You coach new colleagues and hold short daily meetings. Experience in
line management is needed; knowledge of warehouse software can be learned.
""",
    ),
)

# Nothing may be found in these.
NOTHING: tuple[Description, ...] = (
    _described(
        "recipe-zh",
        "zh",
        "",
        "",
        "西红柿两个，鸡蛋三个，少许盐。油热后先炒鸡蛋，盛出，再炒西红柿，最后一起翻炒一分钟出锅。",
    ),
    _described(
        "place-en",
        "en",
        "",
        "",
        "The office is on the third floor. Take tram 7 to the market, then walk. Parking is behind it.",
    ),
)
