"""Dimensions and questions over HTTP: those of the product, and a branch's own beside them."""

from __future__ import annotations

from gateway.branches import actor
from gateway.design_models import (
    BankQuery,
    BranchQuery,
    DimensionList,
    DimensionView,
    QuestionList,
    QuestionView,
)
from gateway.design_rules import worded
from gateway.job_api import designs
from gateway.operations import Call
from gateway.problems import Problem
from interviews.bank import BankQuestion, search
from interviews.bank_check import question_problems
from interviews.dimensions import Dimension
from storage.design import DesignMissing, DesignTaken


async def list_dimensions(call: Call) -> DimensionList:
    query: BranchQuery = call.query
    found = await designs(call).dimensions(query.branch)
    return DimensionList(
        dimensions=[DimensionView(dimension=one, source=source) for one, source in found.values()]
    )


async def create_dimension(call: Call) -> DimensionView:
    query: BranchQuery = call.query
    asked: Dimension = call.body
    if asked.id in await designs(call).dimensions(query.branch):
        raise Problem("design.taken", where=asked.id)
    try:
        await designs(call).own_dimensions.create(query.branch, asked, actor(call))
    except DesignTaken:
        raise Problem("design.taken", where=asked.id) from None
    return DimensionView(dimension=asked, source="own")


async def change_dimension(call: Call) -> DimensionView:
    """One that came with the product becomes the branch's own; the others keep theirs."""
    query: BranchQuery = call.query
    asked: Dimension = call.body
    if asked.id != call.request.match_info["dimension"]:
        raise Problem("request.invalid", where="`id` differs from the address")
    if asked.id not in await designs(call).dimensions(query.branch):
        raise Problem("design.unknown")
    own = designs(call).own_dimensions
    try:
        await own.save(query.branch, asked, actor(call))
    except DesignMissing:
        await own.create(query.branch, asked, actor(call))
    return DimensionView(dimension=asked, source="own")


async def search_questions(call: Call) -> QuestionList:
    query: BankQuery = call.query
    bank = await designs(call).bank(query.branch, retired=query.retired)
    offered = await designs(call).bank(query.branch) if query.retired else bank
    found = search(
        {id_: one for id_, (one, _) in bank.items()},
        text=query.text,
        role=query.role,
        dimension=query.dimension,
        kind=query.kind,
    )
    return QuestionList(
        questions=[
            QuestionView(question=one, source=bank[one.id][1], retired=one.id not in offered) for one in found
        ]
    )


async def create_question(call: Call) -> QuestionView:
    query: BranchQuery = call.query
    asked: BankQuestion = call.body
    known = {id_: one for id_, (one, _) in (await designs(call).dimensions(query.branch)).items()}
    if problems := question_problems(asked, known):
        raise Problem("request.invalid", reasons=worded("question", problems))
    if asked.id in await designs(call).bank(query.branch):
        raise Problem("design.taken", where=asked.id)
    try:
        await designs(call).own_questions.create(query.branch, asked, actor(call))
    except DesignTaken:  # a retired one has it: plans may mean that one
        raise Problem("design.taken", where=asked.id) from None
    return QuestionView(question=asked, source="own")


async def retire_question(call: Call) -> QuestionView:
    """It is offered no more in the branch; plans that were saved with it go on asking it."""
    query: BranchQuery = call.query
    known = await designs(call).bank(query.branch)
    id_ = call.request.match_info["question"]
    if id_ not in known:
        raise Problem("design.unknown")
    question, source = known[id_]
    own = designs(call).own_questions
    try:
        await own.save(query.branch, question, actor(call), retired=True)
    except DesignMissing:
        await own.create(query.branch, question, actor(call))
        await own.save(query.branch, question, actor(call), retired=True)
    return QuestionView(question=question, source=source, retired=True)
