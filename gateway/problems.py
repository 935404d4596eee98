"""Errors as people and programs meet them: RFC 9457 problem details with a stable `code`, in both languages.

One table holds every code; `docs/errors.md` is its print (`python -m gateway.problems > docs/errors.md`).
A problem says what the caller can do and never what the server looks like inside.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, Field

Locale = Literal["zh", "en"]


class Messages(BaseModel):
    zh: str
    en: str


class Reason(BaseModel):
    """One of several reasons for a refusal, each with a stable code of its own."""

    code: str
    messages: Messages
    path: str = Field(default="", description="what of the body it is about, as `steps.1.questions.0`")


class ProblemDocument(BaseModel):
    """Body of every error answer, `application/problem+json` (RFC 9457)."""

    type: str = Field(description="urn:viva:error: followed by the code")
    title: str
    status: int = Field(ge=400, le=599)
    code: str = Field(description="stable; listed in docs/errors.md")
    detail: str = Field(description="in the language of Accept-Language")
    messages: Messages
    reasons: list[Reason] = Field(default=[], description="what exactly to change, the gravest first")


@dataclass(frozen=True, slots=True)
class Kind:
    """What one code means. Codes that only ever appear in an `alarm` event have status 0."""

    status: int
    zh: str
    en: str


KINDS: Mapping[str, Kind] = {
    # the request itself
    "request.malformed": Kind(400, "请求无法解析。", "The request cannot be parsed."),
    "request.invalid": Kind(422, "请求内容不符合要求。", "The request does not fit what is asked for."),
    "request.too-large": Kind(413, "请求内容过大。", "The request body is too large."),
    "request.media-type": Kind(415, "不支持该内容类型。", "This content type is not supported."),
    "request.not-found": Kind(404, "没有这个地址。", "There is nothing at this address."),
    "request.method": Kind(405, "该地址不支持此方法。", "This address does not support the method."),
    "request.upgrade": Kind(426, "此地址只接受 WebSocket。", "This address speaks WebSocket alone."),
    "request.failed": Kind(400, "请求未能完成。", "The request could not be completed."),
    # tokens
    "token.missing": Kind(401, "需要访问令牌。", "An access token is needed."),
    "token.invalid": Kind(401, "访问令牌无效。", "The access token is not valid."),
    "token.expired": Kind(
        401, "访问令牌已过期，请重新获取邀请链接。", "The token has expired; ask for a new link."
    ),
    "token.forbidden": Kind(403, "该令牌无权进行此操作。", "This token does not allow that."),
    # people who sign in
    "signin.needed": Kind(401, "请先登录。", "Sign in first."),
    "signin.refused": Kind(401, "邮箱或密码不正确。", "The e-mail address or the password is wrong."),
    "signin.second-factor": Kind(401, "请输入动态验证码。", "The second factor is still to be shown."),
    "signin.code": Kind(401, "验证码不正确或已使用过。", "The code is wrong, or was used before."),
    "signin.wait": Kind(429, "尝试次数过多，请稍后再试。", "Too many attempts; try again later."),
    "signin.csrf": Kind(
        403,
        "请求未通过来源校验，请刷新页面后重试。",
        "The request was not made by this site's page; reload it.",
    ),
    "signin.insecure": Kind(403, "只能通过 HTTPS 登录。", "Signing in needs HTTPS."),
    "signin.setup": Kind(403, "初始化代码不正确，或已完成初始化。", "The setup code is wrong, or was used."),
    "signin.provider-none": Kind(404, "未配置单点登录。", "No identity provider is configured."),
    "signin.provider": Kind(
        502, "单点登录服务暂不可用。", "The identity provider does not answer as it should."
    ),
    "people.unknown": Kind(404, "没有此人员。", "There is no such person."),
    "people.email": Kind(409, "该邮箱已有账号。", "There is an account with this address."),
    "people.password": Kind(422, "密码太短或过于简单。", "The password is too short or too simple."),
    "people.last": Kind(409, "至少保留一名总部管理员。", "One administrator of the head branch must remain."),
    "branch.unknown": Kind(404, "没有此机构。", "There is no such branch."),
    "branch.refused": Kind(
        409, "机构编号已存在，或上级机构不合适。", "The branch's id is taken, or its parent does not fit."
    ),
    "branch.policy": Kind(
        409,
        "本机构的面试须按其所在地区的规定进行，不能另选。",
        "Interviews of this branch follow the policy of its region; another cannot be chosen.",
    ),
    "audit.failed": Kind(
        503,
        "无法写入审计日志，因此未提供数据。",
        "The audit trail cannot be written, so nothing was given.",
    ),
    # sessions
    "session.unknown": Kind(404, "没有这场面试。", "There is no such session."),
    "session.ended": Kind(409, "面试已经结束。", "The session has ended."),
    "session.publishing": Kind(
        409, "该面试已有设备在推流，请先关闭另一处。", "Another device is already publishing to this session."
    ),
    "session.not-started": Kind(409, "候选人尚未接入。", "The candidate has not joined yet."),
    "session.last-question": Kind(409, "已经是最后一题。", "This was the last question."),
    "session.language": Kind(
        422, "有题目缺少面试语言的文本。", "A question has no text in the session's language."
    ),
    "weights.none": Kind(409, "这场面试没有设定评分维度。", "No dimensions were set for this interview."),
    "weights.invalid": Kind(
        422,
        "权重须包含每个维度，且合计为 100%。",
        "The weights must name every dimension and sum to 100 %.",
    ),
    "weights.stale": Kind(
        409,
        "权重已被他人修改，请先查看最新版本。",
        "Somebody has changed the weights; look at the newest version first.",
    ),
    "dimension.unknown": Kind(
        404, "这场面试没有该评分维度。", "The interview is not scored on this dimension."
    ),
    "comment.unknown": Kind(404, "没有这条评论。", "There is no such comment."),
    "session.not-ended": Kind(409, "面试尚未结束。", "The session has not ended yet."),
    "session.paused": Kind(409, "面试已暂停。", "The interview is paused."),
    "session.not-paused": Kind(409, "面试没有暂停。", "The interview is not paused."),
    "session.no-question": Kind(409, "还没有开始提问。", "No question has been asked yet."),
    "session.no-practice": Kind(409, "这场面试没有练习题。", "The interview has no question to practise."),
    "session.no-survey": Kind(409, "这场面试没有体验调查。", "This interview has no survey."),
    # commands to a running interview
    "command.stale": Kind(
        409, "面试状态已变化，请按当前状态重试。", "The interview has moved on; look at where it stands now."
    ),
    "command.id-taken": Kind(
        409, "该命令编号已用于另一条命令。", "Another command had this id; every new one needs its own."
    ),
    "answer.phase": Kind(
        409, "当前阶段不能进行此操作。", "This cannot be done at this point of the question."
    ),
    "answer.no-retries": Kind(409, "这道题不能再重答。", "This answer cannot be begun anew any more."),
    "annotation.unknown": Kind(404, "没有这条批注。", "There is no such annotation."),
    # what is programmed
    "code.no-task": Kind(409, "这道题没有编程任务。", "There is nothing to program in this question."),
    "code.language": Kind(
        422, "这道题不能使用该编程语言。", "This language is not offered for the question."
    ),
    "code.too-large": Kind(413, "代码不能超过 64 KiB。", "Code may have 64 KiB at most."),
    "code.too-often": Kind(429, "操作太频繁，请稍候再试。", "This comes too often; wait a moment."),
    "code.spent": Kind(
        409, "这道题的运行次数已用完，仍可提交。", "No runs are left for this question; it can be submitted."
    ),
    "code.empty": Kind(422, "还没有代码。", "There is no code yet."),
    "code.running": Kind(409, "上一次运行还没有结束。", "The last run has not ended yet."),
    "code.busy": Kind(
        503, "等待运行的代码太多，请稍后重试。", "Too much code is waiting to be run; try again shortly."
    ),
    # liveness checks
    "liveness.running": Kind(
        409, "正在进行一项真人检测，请先完成。", "A liveness check is under way; finish it first."
    ),
    "liveness.spent": Kind(
        409, "检测次数已用完，可申请人工核验。", "No attempts are left; a check by a person can be asked for."
    ),
    # WHIP, RFC 9725
    "whip.resource-unknown": Kind(404, "没有这个推流连接。", "There is no such WHIP resource."),
    "whip.etag-required": Kind(428, "缺少 If-Match 请求头。", "The If-Match header is missing."),
    "whip.etag-mismatch": Kind(412, "If-Match 与当前连接不符。", "If-Match names another ICE session."),
    # WHEP, draft-ietf-wish-whep
    "whep.resource-unknown": Kind(404, "没有这个观看连接。", "There is no such WHEP resource."),
    "whep.full": Kind(
        503, "观看人数已满，请稍后重试。", "As many as may watch are watching; try again later."
    ),
    "talkback.taken": Kind(
        409, "另一位面试官正在对候选人讲话。", "Another interviewer is speaking to the candidate."
    ),
    "talkback.not-offered": Kind(
        409, "该观看连接没有提供麦克风。", "This viewer's offer has no sound that it sends."
    ),
    "talkback.unheard": Kind(
        409, "候选人的设备无法接收声音。", "The candidate's client cannot receive sound."
    ),
    # what media says of an offer
    "offer.malformed": Kind(400, "SDP 无法解析。", "The SDP cannot be parsed."),
    "offer.no-media": Kind(422, "SDP 中没有音频或视频。", "The offer has neither audio nor video."),
    "offer.no-common-codec": Kind(
        422, "没有共同支持的编码格式（需要 Opus，VP8 或 H.264）。", "No codec in common (Opus; VP8 or H.264)."
    ),
    "offer.no-ice": Kind(422, "SDP 缺少 ICE 凭据。", "The offer carries no ICE credentials."),
    "offer.no-dtls": Kind(
        422, "SDP 缺少 DTLS 指纹，不接受未加密媒体。", "The offer has no DTLS fingerprint."
    ),
    "offer.unsupported": Kind(422, "SDP 使用了不支持的特性。", "The offer asks for something unsupported."),
    "ice.malformed": Kind(400, "ICE 候选无法解析。", "The ICE candidates cannot be parsed."),
    "ice.restart-unsupported": Kind(
        422,
        "此处不能重启 ICE：推流端请使用 If-Match: *，观看端请重新 POST。",
        "No ICE restart this way: publishers send If-Match: *, viewers POST a new offer.",
    ),
    "ice.not-connected": Kind(
        409, "连接尚未建立，无法重启 ICE。", "Not connected yet: there is nothing to restart."
    ),
    "ice.no-address": Kind(503, "服务器没有可用的网络地址。", "The server has no address to offer."),
    "ingest.closed": Kind(409, "该连接已关闭，请重新 POST。", "This connection is closed: POST a new offer."),
    # inference
    "inference.starting": Kind(
        503, "模型正在启动，请稍后重试。", "The models are still starting; try again shortly."
    ),
    "inference.full": Kind(503, "服务器已满，请稍后重试。", "All places are taken; try again later."),
    "inference.lost": Kind(503, "语音识别暂不可用。", "Speech recognition is not available at the moment."),
    "inference.rating-unavailable": Kind(
        0, "评分服务暂不可用，恢复后自动评分。", "Answers cannot be rated now; it is tried again by itself."
    ),
    "inference.rating-abandoned": Kind(
        0, "评分服务长时间不可用，该题未评分。", "Rating stayed unavailable; this answer carries no score."
    ),
    "inference.matching": Kind(
        503,
        "职位描述分析暂不可用，请稍后重试。",
        "Job descriptions cannot be analysed now; try again shortly.",
    ),
    "inference.words-late": Kind(
        0, "部分语音未能及时转写。", "Some speech could not be transcribed in time and is missing."
    ),
    # who the candidate is
    "identity.consent": Kind(
        403,
        "未同意人脸核验，未做任何处理。可以改为请求人工核验身份。",
        "Face verification was not agreed to, so nothing was done. Ask for a human check instead.",
    ),
    "identity.by-human": Kind(
        409,
        "此面试由人工核验身份，不使用人脸比对。",
        "A person checks the identity here; faces are not compared.",
    ),
    "identity.photo-refused": Kind(
        422, "照片不可用，原因见 reasons。", "The photo cannot be used; reasons says why."
    ),
    "identity.not-enrolled": Kind(409, "没有可供比对的照片。", "There is no photo to compare with."),
    "identity.busy": Kind(409, "正在比对，请稍候。", "A comparison is under way; wait for it."),
    "identity.attempts": Kind(
        429, "比对次数已用完，请改为人工核验。", "No more comparisons: ask for a human check instead."
    ),
    "identity.unavailable": Kind(
        503,
        "人脸比对暂不可用，请稍后重试或改为人工核验。",
        "Faces cannot be compared now; try again or ask a person.",
    ),
    "identity.key": Kind(
        503,
        "已存的人脸特征由另一把密钥加密，无法打开；请重新上传照片。",
        "The stored face was sealed with another key and cannot be opened; send the photo again.",
    ),
    # invitations
    "invitation.unknown": Kind(404, "没有这份邀请。", "There is no such invitation."),
    "invitation.link": Kind(
        404, "邀请链接无效，请从原邮件重新打开。", "This link is not valid: open it from the message again."
    ),
    "invitation.wait": Kind(
        429,
        "此链接被拒绝的次数过多，请稍后再试。",
        "This link was refused too many times; try again later.",
    ),
    "invitation.expired": Kind(
        410, "邀请已过期，请联系招聘人员。", "The invitation has expired; ask the recruiter."
    ),
    "invitation.revoked": Kind(
        410, "邀请已撤回，请联系招聘人员。", "The invitation was withdrawn; ask the recruiter."
    ),
    "invitation.finished": Kind(410, "面试已经完成。", "The interview is finished."),
    "invitation.bound": Kind(
        403,
        "面试已在另一台设备上开始，此链接在这里无法使用。如需更换设备，请联系招聘人员解除绑定。",
        "The interview has begun on another device, so the link is of no use here. "
        "To change the device, ask the recruiter to free it.",
    ),
    "invitation.hand-over": Kind(
        410,
        "换浏览器的链接已用过或已失效，请在原来的页面上重新复制。",
        "This link to another browser was used or is too old: copy it anew on the page it came from.",
    ),
    "invitation.unbound": Kind(
        409, "该邀请已经解绑过一次，请重新邀请。", "It was freed once already; make a new invitation."
    ),
    "invitation.begun": Kind(
        409, "面试已经开始，不能再更改。", "The interview has begun; too late to change."
    ),
    "invitation.state": Kind(
        409, "邀请的当前状态不允许此操作。", "The invitation's state does not allow that."
    ),
    "invitation.changed": Kind(
        409, "邀请刚被其他人更改，请刷新后重试。", "Somebody else has just changed it; look and try again."
    ),
    "invitation.plan": Kind(422, "没有这个面试方案。", "There is no such plan."),
    "import.unreadable": Kind(
        422, "表格无法读取，原因见 reasons。", "The spreadsheet cannot be read; reasons says why."
    ),
    "notice.template": Kind(422, "模板有误，原因见 reasons。", "The template is faulty; reasons says why."),
    # designing interviews
    "design.unknown": Kind(
        404, "没有这个职位、维度、题目或方案。", "There is no such job, dimension, question or plan."
    ),
    "design.taken": Kind(409, "该编号已被使用。", "This id is taken already."),
    "job.no-description": Kind(409, "该职位还没有职位描述。", "The job has no description yet."),
    "plan.invalid": Kind(
        422, "方案不符合要求，原因见 reasons。", "The plan does not hold; reasons says why."
    ),
    "plan.stale": Kind(
        409,
        "方案已被他人修改，请重新载入后再保存。",
        "Somebody else has saved this plan since; load it again before saving.",
    ),
    "document.too-large": Kind(413, "文件或其中的文字过多。", "The file, or the text in it, is too large."),
    "document.too-many-pages": Kind(422, "文件页数过多。", "The file has too many pages."),
    "document.encrypted": Kind(422, "文件有密码保护，无法读取。", "The file is locked with a password."),
    "document.damaged": Kind(422, "文件已损坏，无法读取。", "The file is damaged and cannot be read."),
    "document.no-text": Kind(
        422,
        "文件中没有文字（可能是扫描件），请粘贴文本。",
        "There is no text in the file (a scan, perhaps); paste the text instead.",
    ),
    "document.unsupported": Kind(
        415, "只支持文本、Word（docx）和 PDF 文件。", "Only text, Word (docx) and PDF files can be read."
    ),
    # storage
    "storage.full": Kind(507, "存储空间已满。", "Storage is full."),
    "storage.failed": Kind(503, "存储暂不可用。", "Storage is not available at the moment."),
    # questions read aloud
    "speech.none": Kind(
        404,
        "没有这道题目的朗读，请使用浏览器朗读。",
        "This question is not read aloud here; the browser can.",
    ),
    "speech.not-ready": Kind(
        503,
        "题目朗读正在准备，请稍候或使用浏览器朗读。",
        "The question is being read in; the browser can read it.",
    ),
    "speech.unavailable": Kind(
        503, "朗读暂不可用，请使用浏览器朗读。", "Reading aloud is not available now; the browser can do it."
    ),
    # recordings
    "recording.none": Kind(404, "这段时间没有录像。", "Nothing was recorded then."),
    "recording.range": Kind(416, "请求的字节范围超出文件。", "The range lies outside the file."),
    "recording.damaged": Kind(500, "录像已损坏或密钥不符。", "The recording is damaged, or of another key."),
    "recording.full": Kind(
        0,
        "存储空间已满，录像已停止；面试继续。",
        "No room to record: recording has stopped, the interview goes on.",
    ),
    "recording.failed": Kind(
        0, "录像无法保存，已停止；面试继续。", "Recording failed and has stopped; the interview goes on."
    ),
    # the server
    "gateway.moving": Kind(
        503, "会话正在转移，请立即重试。", "The session is between two gateways; try again in a moment."
    ),
    "gateway.draining": Kind(503, "该服务进程不再接收新面试。", "This gateway takes no new sessions."),
    "gateway.unknown": Kind(404, "没有这个服务进程。", "There is no such gateway."),
    "server.stopping": Kind(503, "服务器正在关闭。", "The server is shutting down."),
    "server.error": Kind(500, "服务器内部错误。", "Something went wrong in the server."),
}


class Problem(Exception):
    """Raised anywhere below a request; becomes its answer. `where` points at the fault without internals."""

    def __init__(
        self,
        code: str,
        where: str = "",
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        reasons: Sequence[Reason] = (),
    ) -> None:
        kind = KINDS[code]
        super().__init__(f"{code}: {kind.en} {where}".strip())
        self.code = code
        self.where = where
        self.status = status or kind.status
        self.headers = dict(headers or {})
        self.reasons = list(reasons)

    def document(self, locale: Locale) -> ProblemDocument:
        kind = KINDS[self.code]
        tail = f" ({self.where})" if self.where else ""
        messages = Messages(zh=kind.zh + tail, en=kind.en + tail)
        return ProblemDocument(
            type=f"urn:viva:error:{self.code}",
            title=kind.zh if locale == "zh" else kind.en,
            status=self.status,
            code=self.code,
            detail=messages.zh if locale == "zh" else messages.en,
            messages=messages,
            reasons=self.reasons,
        )


def locale_of(accept_language: str) -> Locale:
    """The better liked of our two languages in Accept-Language; Chinese when neither is named."""
    wishes: list[tuple[float, int, Locale]] = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, parameters = part.strip().partition(";")
        quality = 1.0
        if parameters.strip().startswith("q="):
            try:
                quality = float(parameters.strip()[2:])
            except ValueError:
                quality = 0.0
        primary = tag.strip().lower().split("-")[0]
        if quality > 0 and primary in ("zh", "en"):
            wishes.append((-quality, position, "zh" if primary == "zh" else "en"))
    return min(wishes)[2] if wishes else "zh"


def markdown() -> str:
    """The whole of docs/errors.md."""
    rows = [
        f"| `{code}` | {f'{kind.status} {HTTPStatus(kind.status).phrase}' if kind.status else 'alarm only'} "
        f"| {kind.en} | {kind.zh} |"
        for code, kind in KINDS.items()
    ]
    return "\n".join(
        [
            "# Errors · 错误代码",
            "",
            "Every error is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `code`,",
            "`detail` in the language of `Accept-Language`, and `messages` in both. Codes are stable;",
            "`alarm` events use the same ones.",
            "Printed by `python -m gateway.problems > docs/errors.md`.",
            "",
            "| code | status | English | 中文 |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(markdown())
