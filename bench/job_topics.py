"""Dimensions as plain texts, for measuring what is found in job descriptions without the product's own."""

from __future__ import annotations

from models.topics import Language, Topic

# id: (Chinese name, about, keywords), (English name, about, keywords)
_TOPICS: dict[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "communication": (
        (
            "沟通表达",
            "表达清楚、有条理，能听懂对方并确认理解。",
            "沟通,表达,口头表达,书面表达,普通话标准,汇报",
        ),
        (
            "Communication",
            "Speaks and writes clearly, listens and checks that it was understood.",
            "communication,communicate,written and verbal,presentation skills,interpersonal,report writing",
        ),
    ),
    "service": (
        (
            "服务意识",
            "主动理解客户的需要，耐心解决客户的问题。",
            "客户服务,服务意识,客服,售后,投诉处理,客户满意度,接待",
        ),
        (
            "Service awareness",
            "Understands what customers need and patiently solves their problems.",
            "customer service,customer support,complaints,customer satisfaction,"
            "after-sales,client care,reception",
        ),
    ),
    "composure": (
        (
            "抗压能力",
            "面对压力、拒绝和情绪激动的对方时保持冷静。",
            "抗压,承受压力,压力下工作,情绪管理,快节奏",
        ),
        (
            "Composure",
            "Stays calm under pressure, after a refusal and before somebody who is upset.",
            "under pressure,fast-paced,resilience,stressful,calm,tight deadlines",
        ),
    ),
    "persuasion": (
        ("说服技巧", "了解对方的顾虑，用事实和利益说服对方。", "谈判,商务谈判,说服,影响力,异议处理"),
        (
            "Persuasion",
            "Finds out what holds the other side back and convinces with facts and benefits.",
            "negotiation,negotiate,persuade,persuasion,convince,objections,influence",
        ),
    ),
    "sales": (
        (
            "销售能力",
            "开拓客户、推进商机、达成销售目标。",
            "销售,开拓客户,客户开发,业绩,销售目标,签单,渠道拓展,商机,回款",
        ),
        (
            "Sales skill",
            "Finds new customers, moves opportunities forward and reaches the target.",
            "sales,selling,quota,pipeline,prospecting,new business,closing deals,cold calling,upsell,CRM",
        ),
    ),
    "teamwork": (
        ("团队合作", "与同事配合，分享信息，共同完成目标。", "团队合作,团队协作,团队精神,跨部门,协作,协同"),
        (
            "Teamwork",
            "Works well with colleagues, shares what is known and helps the team reach its goal.",
            "teamwork,team player,collaborate,collaboration,cross-functional,work closely with",
        ),
    ),
    "leadership": (
        ("团队管理", "带领团队、分配任务、培养下属。", "团队管理,带领团队,领导力,管理经验,下属,团队建设"),
        (
            "Leadership",
            "Leads people, hands out work and develops those who report to them.",
            "leadership,lead a team,manage a team,mentor,coaching,direct reports,line management",
        ),
    ),
    "problem-solving": (
        (
            "问题解决",
            "找到问题的根本原因，提出并验证解决办法。",
            "解决问题,问题解决,排查,故障,逻辑思维,分析问题",
        ),
        (
            "Problem solving",
            "Finds the root cause of a problem, proposes a remedy and checks that it works.",
            "problem solving,troubleshooting,root cause,debugging,critical thinking,incident",
        ),
    ),
    "learning": (
        ("学习能力", "快速掌握新知识并用到工作中。", "学习能力,善于学习,新技术,求知欲,持续学习"),
        (
            "Learning",
            "Takes up new knowledge quickly and puts it to use.",
            "quick learner,willingness to learn,eager to learn,continuous learning,curious,new technologies",
        ),
    ),
    "data-analysis": (
        (
            "数据分析",
            "从数据中得出可靠的结论并支持决策。",
            "数据分析,统计,指标体系,报表,SQL,数据挖掘,可视化,建模,A/B测试",
        ),
        (
            "Data analysis",
            "Draws sound conclusions from data and supports decisions with them.",
            "data analysis,data analytics,analyse data,statistics,dashboards,SQL,"
            "A/B testing,metrics,visualisation,"
            "visualization,Tableau,Power BI",
        ),
    ),
    "spreadsheets": (
        (
            "Excel 技能",
            "熟练使用电子表格进行计算、汇总和作图。",
            "Excel,数据分析,办公软件,数据透视表,电子表格,WPS",
        ),
        (
            "Excel skills",
            "Calculates, summarises and charts with spreadsheets.",
            "Excel,spreadsheet,pivot table,VLOOKUP,Microsoft Office,MS Office",
        ),
    ),
    "programming": (
        (
            "代码实操",
            "编写正确、清晰、可测试的代码。",
            "编程,Java,Python,Go,C++,代码,开发语言,单元测试,后端开发,前端开发,Spring",
        ),
        (
            "Programming",
            "Writes code that is correct, clear and tested.",
            "programming,coding,code review,Java,Python,Golang,C++,TypeScript,"
            "JavaScript,unit tests,software development",
        ),
    ),
    "system-design": (
        (
            "系统设计",
            "设计可扩展、可靠的系统结构并说明取舍。",
            "系统设计,架构,高并发,分布式,微服务,可用性,性能优化,缓存",
        ),
        (
            "System design",
            "Designs systems that scale and stay up, and explains the trade-offs.",
            "system design,architecture,distributed systems,microservices,"
            "scalability,scalable,high availability,APIs",
        ),
    ),
    "clinical": (
        ("病例分析", "根据病情做出评估和判断，及时处理。", "临床,病例,诊断,病情观察,急救,护理评估,医嘱"),
        (
            "Clinical judgement",
            "Assesses a patient's condition, decides and acts in time.",
            "clinical,diagnosis,patient assessment,vital signs,triage,emergency care,medication,care plan",
        ),
    ),
    "patient-care": (
        ("患者关怀", "尊重患者，安抚情绪，与家属沟通病情。", "患者,护理,病人,家属,关爱,健康宣教"),
        (
            "Patient care",
            "Respects patients, comforts them and talks with their families.",
            "patient care,patients,compassion,families,bedside,nursing,empathy",
        ),
    ),
    "organisation": (
        (
            "计划组织",
            "安排优先级，按时推进多项工作。",
            "计划,项目管理,统筹,时间管理,多任务,推进,进度,组织协调,组织能力",
        ),
        (
            "Planning and organisation",
            "Sets priorities and brings several pieces of work forward on time.",
            "organised,organized,prioritise,prioritize,multitask,time management,"
            "project management,planning,scheduling,"
            "deadlines,organisational skills,organizational skills",
        ),
    ),
    "detail": (
        ("严谨细致", "认真核对，少出差错，按规范操作。", "细心,严谨,认真负责,细致,准确,核对,审核"),
        (
            "Attention to detail",
            "Checks the work, makes few mistakes and follows the rules.",
            "attention to detail,detail-oriented,accuracy,accurate,meticulous,reconcile,thorough",
        ),
    ),
    "integrity": (
        ("诚信合规", "遵守规则，保守秘密，如实说明情况。", "诚信,职业道德,保密,合规,廉洁,原则性"),
        (
            "Integrity",
            "Keeps to the rules, keeps confidences and tells things as they are.",
            "integrity,confidential,confidentiality,compliance,ethical,honesty,discretion",
        ),
    ),
    "instruction": (
        ("教学能力", "备课、讲解清楚、因材施教、管理课堂。", "教学,备课,授课,课堂管理,教案,辅导,教研,学生"),
        (
            "Teaching",
            "Prepares lessons, explains so that pupils understand and keeps the class together.",
            "teaching,lesson plans,classroom,curriculum,pupils,students,tutoring",
        ),
    ),
    "accounting": (
        ("财务核算", "准确核算、编制报表、处理税务。", "会计,核算,账务,税务,财务报表,凭证,成本,对账,报税"),
        (
            "Accounting",
            "Keeps the books, closes the month and prepares statements and taxes.",
            "accounting,bookkeeping,general ledger,accounts payable,"
            "accounts receivable,month-end,tax returns,"
            "financial statements,audit",
        ),
    ),
    "recruiting": (
        ("招聘甄选", "寻找、面试和评估候选人。", "招聘,面试,候选人,简历筛选,人才,员工关系"),
        (
            "Recruiting",
            "Finds, interviews and assesses candidates.",
            "recruitment,recruiting,sourcing candidates,talent acquisition,"
            "interviewing,onboarding,employee relations",
        ),
    ),
}


def topics(language: Language) -> tuple[Topic, ...]:
    """All of them, named in the language; the keywords of both, since descriptions mix them."""
    found = []
    for id_, (zh, en) in _TOPICS.items():
        name, about, _ = zh if language == "zh" else en
        found.append(Topic(id_, name, about, (*zh[2].split(","), *en[2].split(","))))
    return tuple(found)
