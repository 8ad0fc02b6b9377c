"""Answers that stand for none: “n/a”, “(left blank)”, “to be added”, errors of spreadsheets, nulls of databases.

Such an answer is whole and short, so only whole, short answers are looked at: without a label ("Answer:") before them,
without brackets, quotes and marks around them, and once where they say one word again and again. Some are honest
elsewhere. “None” answers “How many moons has it?”; what a prompt offers (“N/A if it does not say”) is an answer; and
what one answer in 200 of a pool is, is its custom: a class, or the sign that a task asks for. Tokens of a tokenizer and
blanks of HTML show nothing at all.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from quality.lsh.shingles import stable_hash
from quality.screening.abbreviations import abbreviates
from quality.screening.fillers import fills_page
from quality.texts.patterns import holds

_LONGEST = 60  # characters
_CUSTOM = 0.005  # share of a pool's answers, from which on one is its custom
_FEWEST = 3  # answers that are the same before they are a custom
_WORDED = re.compile(r"#?[^\W_][\w/. ]*")
_AROUND = r"[\s\[\](){}<>\"'`*_“”„‚‘’«»（）【】.!。…~:-]+"
_GIVEN = (
    r"(?:(?:was|were|has been|is|yet) )?(?:provided|available|given|recorded|supplied|entered|specified|stated|"
    r"answered|submitted)"
)
_WHAT = r"(?:answers?|responses?|repl(?:y|ies)|data|contents?|text|information|info)"
_WHAT_ELSE = (
    r"(?:descriptions?|summar(?:y|ies)|details?|translations?|solutions?|explanations?|definitions?|comments?|"
    r"completions?|outputs?|results?|values?|documentation|examples?|titles?|abstracts?)"
)
# What its author wants to do some day.
_DO = r"(?:fill|add|write|complete|finish|answer|update|insert|provide|do)"
_LATER = (
    rf"(?:(?:i|we)(?: ?['’]ll| will) |will |to |must |needs? to )?{_DO}"
    r"(?: (?:me|this|it|that|these|here|something|more|(?:the |an )?(?:answer|text|rest)))?"
    r"(?: (?:in|out|up))? (?:later(?: on)?|soon|tomorrow|afterwards|asap|another time|"
    r"when (?:i|we) (?:have|get) (?:the )?time)|(?:more|rest|details) (?:to (?:come|follow)|later|soon)|"
    r"(?:still )?(?:needs?|wants?) (?:an? |some |more )?(?:answer|content|text|work)"
)
# What a form or a chat writes before an answer.
_LABEL = (
    r"^[#*\s]*(?:(?:the |final |model |your |my )?(?:answer|response|reply|output|result|completion|solution|value)|"
    r"assistant|bot|ai|chatgpt|gpt|a|antwort|réponse|respuesta|risposta|resposta|antwoord|odpowiedź|ответ|cevap|答案|回答|答|"
    r"答え|답변?|الإجابة|إجابة)\s*(?:is\s*)?(?:[:：=]|-+>?|—)+\s*"
)
# Tokens of a tokenizer, and blanks of HTML: nothing to see.
_TOKENS = (
    r"(?i)^(?:\s*(?:</?(?:pad|unk|unknown|eos|bos|sep|cls|mask|s|bot|eot|empty|blank|null|none|nan|end|start)>|"
    r"\[(?:pad|unk|eos|bos|sep|cls|mask|blank|null|none|end|start)\]|<\|[\w ]{1,40}\|>|"
    r"&(?:nbsp|e[mn]sp|thinsp|zwn?j|zwsp|#0*160|#0*8203|#xa0|#x200b);?|"
    r"%\(\w*(?:answer|response|reply|completion|output)\w*\)s|\$\w*(?:answer|response|reply|completion)\w*))+\s*$"
)
_ASKS_FOR_TOKENS = (
    r"(?i)\b(?:tokens?|tokeni[sz]\w*|vocabular\w*|entit(?:y|ies)|html|non-?breaking|spaces?|padding|masks?|bert|gpt|llama|"
    r"chat templates?|escap\w*|variables?|php|perl|bash|shell|scripts?)\b"
)
# What stands for none whatever was asked; compared whole, in small letters, without what stands around it.
_ALWAYS = (
    r"n\s?[/.\\]\s?a|n\s?[/.]\s?d|n\.v\.t|k\.\s?a|s\.\s?o|t\.?b\.?[adc]|todo|fixme|x{4,}|nan|object object|"
    r"#(?:n/a|ref|value|name|num|null|div/0|spill|calc|error|err)[?!]?|"
    rf"(?:no|not an?|without) {_WHAT}(?: {_GIVEN}| found)?|no entr(?:y|ies) (?:{_GIVEN}|found)|not {_GIVEN}|"
    r"none (?:provided|given|specified)|"
    rf"no {_WHAT_ELSE} {_GIVEN}|{_WHAT_ELSE} (?:not {_GIVEN}|unavailable|pending|to follow|goes here)|"
    r"(?:value )?(?:not|never) (?:yet )?(?:set|initiali[sz]ed|assigned|populated|generated)|"
    r"no (?:text|value|entry) (?:here|yet)|(?:see|as|same as|refer to)(?: the)? (?:above|below|previous|before)|"
    r"(?:\(?see|refer to)(?: the)? (?:attach(?:ed|ments?)|image|picture|file)|to (?:follow|be continued)|"
    r"under (?:construction|review)|"
    r"work in progress|(?:sample|dummy|example|placeholder) (?:text|answer|response|data)|n/[ks]|"
    rf"nothing (?:here|to (?:say|see|show|add))(?: yet)?|{_LATER}|"
    r"fill(?:ed)? (?:(?:me|this|it|that) )?(?:in|out)(?: later)?|answer to (?:come|follow)|"
    r"(?:content|text|answer|message) (?:removed|deleted)|"
    r"(?:this )?(?:answer|field|page|space|cell|text|entry) (?:was |is )?(?:intentionally )?(?:left )?(?:blank|empty)|"
    r"leave (?:this )?(?:blank|empty)|intentionally blank|left (?:blank|empty) on purpose|"
    r"records? missing|(?:awaiting|waiting for) (?:an? |the )?(?:answer|response|reply|input|content|data|review)|"
    r"(?:(?:answer|response|reply) )?pending review|this is a stub|"
    rf"todo\s*[:—–-].{{1,30}}|todo,? (?:later|soon|this|it|{_DO}\b.{{0,30}})|"
    r"(?:(?:click|tap|press) (?:here )?to (?:edit|add|enter|write)(?: text)?)|"
    rf"not applicable|not filled (?:in|out)|unanswered|(?:{_WHAT}|entry|entries) (?:is )?"
    rf"(?:missing|pending|unavailable|not {_GIVEN}|"
    rf"goes here|here|to follow|placeholder)|(?:your|insert|enter|write|type|add)(?: (?:an?|the|your))? {_WHAT}"
    r"(?: (?:here|below))?|to be (?:determined|added|completed|announced|confirmed|defined|written|provided|supplied|"
    r"done|filled(?: in| out)?)|(?:this (?:page|field|space|answer|cell) )?(?:is )?(?:intentionally )?left "
    r"(?:blank|empty)|"
    r"coming soon|(?:content )?(?:deleted|removed|redacted) by .{1,30}|"
    # German, French, Spanish, Portuguese, Italian, Dutch, Polish, Russian, Turkish.
    r"keine (?:angaben?|antwort|daten|auskunft)|entfällt|nicht (?:verfügbar|zutreffend|angegeben|vorhanden)|"
    r"(?:aucune|pas de|sans) (?:réponse|donnée)s?|sans objet|non (?:disponible|renseigné|applicable|spécifié)e?|"
    r"sin (?:respuesta|datos|contenido|información)|no (?:disponible|aplica|contesta|especificado)|"
    r"sem (?:resposta|dados|conteúdo)|não (?:disponível|aplicável|informado|se aplica)|"
    r"(?:nessuna|senza) risposta|non (?:disponibile|applicabile|specificato)|geen (?:antwoord|gegevens)|"
    r"niet (?:beschikbaar|van toepassing|ingevuld)|brak (?:odpowiedzi|danych|informacji)|nie dotyczy|"
    r"нет (?:ответа|данных|информации)|не (?:указано|заполнено|применимо)|н/д|(?:cevap|veri|yanıt) yok|"
    # Chinese, Japanese, Korean, Arabic.
    r"无答案|没有答案|暂无(?:答案|数据|内容)?|不适用|待(?:定|补充|填写)|未(?:填写|提供)|無回答|未(?:回答|定|記入)|該当なし|回答なし|"
    r"無答案|해당 ?없음|답변 ?없음|미정|무응답|미회신|لا (?:يوجد|توجد) (?:جواب|إجابة|بيانات)|غير متوفر|بدون إجابة"
)
# What answers some questions, and stands for none below others, or in brackets.
_AT_TIMES = (
    r"idk|dunno|pass|skip|(?:question |answer )?skipped|not (?:sure|known)|no idea|later|coming|"
    r"(?:unknown |internal )?(?:server )?error(?: \d{3})?|40[0-9](?: not found)?|not found|time(?:d )?out|"
    r"exception|traceback|(?:generation|request) failed|failed to (?:generate|load)|"
    r"xxx|nul|nonetype|nat|undef|unset|wip|dummy|test(?:ing)?|asdf+|foo|foo ?bar|ditto|idem|draft|stub|in progress|"
    rf"no {_WHAT_ELSE}(?: found)?|missing (?:values?|data|answers?|text)|"
    r"no (?:outputs?|results?|values?|input|comments?)(?: (?:given|available))?|"
    r"none|null|nil|undefined|missing|blank|empty|void|nothing|unknown|pending|placeholder|deleted|removed|redacted|"
    r"unavailable|unspecified|leer|fehlt|néant|vide|vacío|vacía|ninguno|ninguna|nessuno|vuoto|vazio|nenhum|leeg|brak|"
    r"нет|пусто|отсутствует|yok|boş|无|無|空|空白|没有|なし|空欄|없음|비어 ?있음|لا يوجد|فارغ"
)
# What stands for none in brackets alone: a place for an answer.
_PLACE = rf"{_WHAT}|outputs?|values?|results?|images?|pictures?|photos?|attachments?|figures?|files?|videos?|audio|done"
# A sign before brackets is a template's ("${answer}"); before a word it is a variable's or a tag's ("$null", "@todo").
_OF_TEMPLATE = r"^[$#%@]([\[({<（【])"
_BRACKETED = r"(?s)^\s*[$#%@]?[\[({<（【].*[\])}>）】][.!。]?\s*$"
# These leave no room for “none”: what a thing is, means or does, and what one is told to make.
_ASKS_TO_SAY = (
    r"(?i)^\W*(?:(?:please|can you|could you|would you|will you)\s+)*"
    r"(?:(?:who or )?what(?: is|'s| are| was| were| does| do)|"
    r"who (?:is|was|are|were)|"
    r"why|how (?:do|does|did|can|could|to|would|should|is|are)|"
    r"explain|describe|define|write|tell|give|summari[sz]e|translate|discuss|show|create|make|compose|draft|outline)\b"
)
_ASKS_HOW = (
    r"(?i)^\W*(?:(?:please|can you|could you|would you)\s+)*(?:why|how (?:do|does|did|can|could|to|would|should)|"
    r"define|discuss|compose|draft)\b"
)
# Nor do these for a word that says nothing of who, when or where (“unknown” does): prompts for a place, a time or a
# way, wishes, tasks, and the name of one thing.
_ABSENT = (
    r"none|null|nil|nul|nonetype|undefined|undef|unset|missing|blank|empty|void|placeholder|leer|fehlt|néant|vide|"
    r"vacío|vacía|ninguno|ninguna|nessuno|vuoto|vazio|nenhum|leeg|brak|无|無|空|空白|没有|なし|空欄|없음"
)
_ASKS_FOR_A_THING = (
    r"(?i)^\W*(?:(?:please|can you|could you|would you|will you)\s+)*"
    r"(?:who|whom|whose|where|when|how come|how (?:long|far|tall|deep|old|big|large|fast|high|wide|often|heavy)|"
    r"(?:in|under|to|for|by|at|on|from|with|through) (?:what|which|whose)|"
    r"what (?:made|makes|caused|causes|led|leads|kind|sort|would|should|can|could)|"
    r"i(?:['’]d| would)? (?:like|want|need|wish)|i(?:['’]m| am) (?:looking|interested|curious)|(?:help|let|teach) me|"
    r"outline|compare|contrast|illustrate|elaborate|analy[sz]e|evaluate|assess|justify|imagine|suppose|recommend|suggest|"
    r"propose|convert|calculate|compute|solve|simplify|finish|continue|complete|paraphrase|rewrite|rephrase|reword|"
    r"sketch|design|develop|generate|produce|prepare|provide|demonstrate|draw|plan|clarify|introduce|present|quote|"
    r"recite|cite|read|text of|wording of|(?:lecture|study) notes on|name|"
    r"(?:can|could|may|might) .{0,60} be (?:explained|described|shown|given|told|done|put))\b|"
    r"^\W*(?:(?:the|an?) )?(?:[\w-]+ ){0,2}[\w-]*[^\Ws] of\b[^?]*$|"
    r"[.!?:]\s+(?:please\s+)?(?:explain|describe|define|summari[sz]e)\b|\b(?:of what|what) (?:kind|sort|type) of\b"
)
# Who asks for other words, or what some mean, gets such words.
_ASKS_FOR_WORDS = (
    r"(?i)\b(?:translat\w*|how (?:do|would) (?:you|i|we) say|stands? for|status|übersetz\w*|tradu[cizs]\w*|"
    r"acronyms?|abbreviations?)\b"
)
_COUNTS = r"(?i)\b(?:how many|how much|(?:numbers?|counts?|amounts?) of|which of|of (?:these|those|the following))\b"
_ASKS_FOR_ONE = (
    r"(?i)\b(?:any|returns?|outputs?|prints?|yields?|evaluates?|values?|results?|side effects|exceptions?|missing|"
    r"status|"
    r"defaults?|difference|names?|keywords?|literals?|opposite|antonym|synonym|words?|types?|else|left|remains?|extract|list|roman|numerals?)\b"
)
SEEN = ("said", "seems_none", "filler")  # what `seems_none` tells
# Brackets around nothing: a list or a table without entries, where there may be none.
_HOLLOW = r"^(?:\[\s*\]|\{\s*\}|\(\s*\)|<\s*>)$"
# Marks alone; who asks for a mark may get one.
_MARKS = r"^(?:[\s\p{Pd}_.…?!*~/\\|=\"'`•·@#]+|\\[nN0t])$"
# Of such are operators made, and the answer of a program; and a long line of others than those of a blank to fill in is
# noise.
_NO_MARKS = r"^(?:[!=]=|\|\||[^_.…\p{Pd}\s]{20,})$"
_ASKS_FOR_MARKS = (
    r"(?i)\b(?:signs?|symbols?|operators?|punctuat\w*|marks?|characters?|dash\w*|hyphens?|dots?|periods?|full stops?|"
    r"ellips[ie]s|question marks?|quotes|quotation\w*|(?:single|double|opening|closing) quote|slash\w*|backslash\w*|"
    r"wildcards?|glob\w*|regex\w*|regular expressions?|"
    r"separat\w*|delimit\w*|paths?|director(?:y|ies)|morse|emoji\w*|emoticons?|stars?|asterisks?|prefix\w*|suffix\w*|"
    r"keys?|command|defaults?|escapes?|newlines?|line (?:breaks?|feeds?)|tabs?|ascii|draw|python|shell|notation)\b"
)


def seems_none(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    """Tell the answers that are a placeholder for one, unless many others are the same or the prompt offers them.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls; what a row is said to be hangs on no other.

    Returns
    -------
    pl.DataFrame
        In the order of the rows: `said: UInt64`, a hash of what a short answer says, 0 for others; `seems_none: UInt8`,
        1 for a short answer that seems none; `filler: UInt8`, 1 for one that fills a page.
    """
    answer, prompt, bare = pl.col("answer"), pl.col("prompt"), pl.col("bare")
    none = pl.DataFrame({"said": np.zeros(len(answers), np.uint64), "seems_none": np.zeros(len(answers), np.uint8)})
    none = none.with_columns(filler=fills_page(prompts, answers).cast(pl.UInt8))
    short = _short(pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row"))
    if short.is_empty():  # nor are patterns compiled
        return none
    bracketed = answer.str.contains(_BRACKETED)
    leaves_none = ~prompt.str.contains(_ASKS_TO_SAY) | prompt.str.contains(_ASKS_FOR_ONE)
    leaves_none = leaves_none & ~prompt.str.contains(_ASKS_HOW)
    one = prompt.str.contains(_ASKS_FOR_A_THING) & ~prompt.str.contains(f"{_ASKS_FOR_ONE}|{_COUNTS}")
    at_times = _says(_AT_TIMES) & (bracketed | pl.col("labelled") | ~leaves_none) | (_says(_ABSENT) & one)
    place = bare.str.contains(f"^(?:{_PLACE})$") & bracketed
    marks = pl.col("said").str.contains(_MARKS) & ~pl.col("said").str.contains(_NO_MARKS)
    marks = marks & ~prompt.str.contains(_ASKS_FOR_MARKS)
    marks = marks | (pl.col("said").str.contains(_HOLLOW) & ~leaves_none)
    # Sodium is Na.
    capitals = answer.str.strip_chars().str.contains(r"^[\[(<{]?NA[\])>}]?\.?$")
    label = pl.col("said").str.contains(f"{_LABEL}$")
    tokens = answer.str.contains(_TOKENS) & ~prompt.str.contains(_ASKS_FOR_TOKENS)
    said = (_says(_ALWAYS) | at_times) & (~prompt.str.contains(_ASKS_FOR_WORDS) | bracketed)
    guessed = short.select((tokens | said | place | marks | capitals | label).cast(pl.UInt8)).to_series()
    return none.with_columns(
        none["said"].scatter(short["row"], pl.Series(stable_hash(short["said"]), dtype=pl.UInt64)),
        none["seems_none"].scatter(short["row"], guessed),
    )


def stands_for_none(
    prompts: pl.Series, answers: pl.Series, listed: tuple[str, ...], seen: pl.DataFrame | None = None
) -> pl.Series:
    """Tell the answers that are a placeholder for one.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls; the whole pool, since it tells what is a custom.
    listed : tuple of str
        What always stands for none, compared whole and in any case, unless the prompt offers it. Without any, no
        answer is looked at.
    seen : pl.DataFrame, optional
        What `seems_none` tells of these rows, where that is known.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    none = pl.repeat(value=False, n=len(answers), eager=True)
    if not listed:
        return none
    told = (seems_none(prompts, answers) if seen is None else seen).with_row_index("row")
    custom = (pl.len().over("said") >= _FEWEST) & (pl.len().over("said") >= _CUSTOM * len(answers))
    always = pl.col("said").is_in(pl.Series(stable_hash(pl.Series(listed)), dtype=pl.UInt64).implode())
    rows = told.filter(pl.col("said") != 0, always | (pl.col("seems_none") > 0) & ~custom)["row"]
    found = _short(pl.DataFrame({"row": rows, "prompt": prompts.gather(rows), "answer": answers.gather(rows)}))
    asked = found.select(pl.col("prompt").str.to_lowercase(), "said")
    offered = [_offers(prompt, said) for prompt, said in asked.iter_rows()]
    at = found.filter(~pl.Series(offered, dtype=pl.Boolean))["row"]
    return (none.scatter(at, values=True) if len(at) else none) | (told["filler"] > 0)


def says_none(answers: pl.Series) -> pl.Series:
    """Tell the answers of a word or mark that stands for none at times, whatever was asked.

    Parameters
    ----------
    answers : pl.Series of String
        Without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    short = _short(answers.to_frame("answer").with_row_index("row"))
    found = short.filter(_says(_AT_TIMES) | pl.col("said").str.contains(f"{_MARKS}|{_HOLLOW}"))["row"]
    return pl.int_range(len(answers), dtype=pl.UInt32, eager=True).is_in(found.implode())


def _short(rows: pl.DataFrame) -> pl.DataFrame:
    """Choose short answers, and add what they say: without a label (`said`), and what stands around (`bare`)."""
    whole = pl.col("answer").str.strip_chars().str.to_lowercase()
    unlabelled = whole.str.replace(_LABEL, "")
    short = rows.filter(pl.col("answer").str.len_bytes() <= _LONGEST * 4).with_columns(
        said=pl.when(unlabelled == "").then(whole).otherwise(unlabelled)
    )
    return short.filter(pl.col("said").str.len_chars().is_between(1, _LONGEST)).with_columns(
        bare=pl.col("said")
        .str.replace(_OF_TEMPLATE, "${1}")
        .str.replace(f"^{_AROUND}", "")
        .str.replace(f"{_AROUND}$", ""),
        labelled=unlabelled != whole,
    )


def _says(words: str) -> pl.Expr:
    """Tell texts that are one of some words, or one of these again and again."""
    bare, said = pl.col("bare"), pl.col("bare").str.replace_all(r"[\s,;|]+", " ").str.split(" ").list.unique()
    again = (said.list.len() == 1) & holds(said.list.first(), f"^(?:{words})$")
    return holds(bare, f"^(?:{words})$") | again


def _offers(prompt: str, word: str) -> bool:
    """Whether a prompt holds a word; brackets and labels ("Answer:") are a form to fill in, and no offer."""
    word = word.rstrip(".")
    if _WORDED.fullmatch(word) is None:
        return False
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", prompt) is not None or abbreviates(prompt, word)
