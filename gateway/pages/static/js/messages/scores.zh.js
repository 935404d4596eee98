// 评分维度、权重与报告文件。
export default {
  "dimension.title": "评分维度",
  "dimension.say": "各维度分数为考察该维度的作答的平均分，附 95% 区间；等级对应事先写明的行为描述。",
  "dimension.weight": "权重 {share}%",
  "dimension.level": "{n} 级（共 5 级）",
  "weights.change": "调整权重",
  "weights.change.say": "按相同的作答重新计算综合分；之前的版本会保留并显示。",
  "weights.sum.now": "合计：{n}%，须为 100%。",
  "weights.reason": "理由",
  "weights.history": "权重版本",
  "weights.plan": "按方案",
  "event.weights.changed": "权重已调整",
  "report.pdf": "报告（PDF）",
  "report.xlsx": "报告（xlsx）",
  "result.missing": "未提到：{what}",
  "result.flag": "请留意：{what}",
  "result.interval": "95%：{between}",
};
