"""The same wishes in English: human please, can I talk to a real person; and not operator manual, are you human."""

import re
from dataclasses import dataclass

# As tokens: in any order they stay politeness, and no list of whole sentences is needed. Without are, is, am, like and
# have, which make another sentence of it: are you a human, I like humans, I have an agent
_LEADS = (
    "i|we|me|us|you|your|id(?: like| love| prefer)?|wed|ill|will|would(?: like| love| prefer)?|can|could|may|must"
    "|(?:can|could|may) (?:i|we) have|do you have|have you got|(?:is|are) there|how|do|want|wanna|need|require|prefer"
    "|talk|speak|chat|connect|get|give|put|transfer|switch|let|bring|call|ask|request|to|for|with|through"
    "|a|an|the|some|any|another|real|live|actual|human|customer|support|service|sales"
    "|please|pls|plz|just|only|really|rather|now|immediately|directly|hi|hello|hey|ok|okay|yes|sorry|well|so|and|but"
)
_TAILS = (
    "please|pls|plz|now|asap|here|there|thanks?(?: you)?|thx|immediately|right|away|today|ok|okay|instead|only|again"
    "|support|service|help|assistance|beings?|persons?|reps?|staff|advisor|team|available|online|is needed|required"
    "|to|talk|speak|chat|with|me|us|for|reply|answer|not an? (?:bot|robot|ai|machine)"
)
_WHICH = "a|an|the|some|any|your|our|another|real|live|actual|human|customer|service|support|sales|duty|shift"
_PEOPLE = "persons?|people|some(?:one|body)|any(?:one|body)|managers?|supervisors?|boss|staff|reps?|advisors?|support"
_TALK = "(?:(?:talk|speak|chat)(?: (?:directly|now))? (?:to|with)|escalate(?: (?:this|it|me))? to)"
_CONNECT = (
    "(?:connect|transfer|switch|put|forward|pass|hand|get|bring|give|find|call) (?:me|us)"
    "(?: (?:on|over|through|back|straight))?(?: (?:to|with))?"
)
_CONTACT = "(?:contact|reach|message|hear from|help from|answer from|assistance from)"
_SOMEONE = "(?:some(?:one|body)|anyone|a person|people)"
_TO_HELP = f"(?:(?:want|need) {_SOMEONE} (?:to|who can)|{_SOMEONE} (?:i|we) can) (?:talk|speak|chat|help|assist|answer)"
_ANYBODY = (
    "(?:is |are )?(?:there )?any ?(?:one|body)"
    "(?: (?:there|here|home|available|around|online|real|at all|please|who can help(?: me)?))+"
)
_REAL_PEOPLE = "(?:real|live|actual|human|living|breathing) (?:person|people|humans?|one|body|support|chat|help|being)"
_HEAD = "managers?|supervisors?|person(?= (?:please|pls))"
# Before a wish: do not transfer me to an agent, how long to talk to one; but why don't you get me a human is one
_REFUSED = (
    "(?P<refused>(?:(?<!why )(?<!if you )(?:dont|do not|didnt|did not)|not|never|no need|without|stop|did you|already"
    "|how (?:long|much|many))(?: (?:i|you|we|it|me|us|want|need|have|please|just|really|think|like|wish|to|be|do|does"
    "|take|wait|will|would|for)){0,6}? )?"
)
# What may follow within a clause; after anything else it is a topic: I need an agent price list, get me human hair
_GOES_ON = f"(?=$| (?:{_TAILS}|who|that|because|or|and|about|as|before|i|im|my|this|on|at|in|from|regarding)(?: |$))"
_BOTS = "(?:chat ?bots?|bots?|robots?|ai|auto(?:mat(?:ed|ic))? ?(?:repl(?:y|ies)|responses?|answers?|messages?))"
_NO_BOTS = (
    "(?:no(?: more)?|(?<!am )(?<!im )not|dont|enough|(?<!i )(?<!to )stop|hate|tired of|sick of)"
    "(?: (?:a|an|the|this|that|your|any|of|with|want|need|like|use|using|to|be|talk|talking|speak|speaking|chat"
    f"|chatting|answered|by)){{0,6}} {_BOTS}"
    "(?=$| (?:please|pls|thanks|ok|anymore|any more|again|i|give|get|just|now|or|and|reply|answer|talking)(?: |$))"
)
_MOST = 500


@dataclass(frozen=True, slots=True)
class EnglishWishes:
    """The words of a tenant that are in Latin letters, compiled."""

    alone: re.Pattern[str]
    within: re.Pattern[str]

    def expressed(self, clause: str) -> bool:
        """Whether a folded clause asks for a human. With other letters in it, as in agent是什么, it is not English."""
        words = " ".join(clause.split())
        if not words.isascii():
            return False
        return self._is_one(words) or any(not found["refused"] for found in self.within.finditer(words))

    def only(self, folded: str) -> bool:
        """Whether a folded text is such a wish and says nothing else."""
        return folded.isascii() and self._is_one(" ".join(re.findall("[a-z0-9]+", folded)))

    def _is_one(self, words: str) -> bool:
        """Whether they are a wish; of hostile ones only the beginning is read, for that may take its square."""
        return self.alone.fullmatch(words[:_MOST]) is not None


def english_wishes(words: set[str], *, people: bool, no_bots: bool) -> EnglishWishes:
    """The wishes that folded words express; with `people` also one for any person, with `no_bots` one for no bot."""
    latin = sorted((word for word in words if word.isascii()), key=len, reverse=True)
    word = f"(?:{'|'.join(map(re.escape, latin))})s?" if latin else "(?!)"
    somebody = f"(?:{word}|{_PEOPLE})" if people else word
    whole = [word, *([_REAL_PEOPLE, _ANYBODY, _HEAD] if people else [])]
    asked = [
        f"(?:i|we) (?:just |only |really )?(?:want|need)(?: (?:{_WHICH})){{0,4}} {word}",
        f"(?:{_TALK}|{_CONNECT})(?: (?:{_WHICH})){{0,4}} {somebody}",
        f"{_CONTACT}(?:(?: (?:{_WHICH})){{1,4}} {somebody}| {word})",
        *([_TO_HELP] if people else []),
    ]
    within = [f"(?:{'|'.join(asked)}){_GOES_ON}", *([_NO_BOTS] if no_bots else [])]
    return EnglishWishes(
        alone=re.compile(f"(?:(?:{_LEADS}) )*(?:{'|'.join(whole)})(?: (?:{_TAILS}|{word}))*+"),
        within=re.compile(rf"\b{_REFUSED}\b(?:{'|'.join(within)})"),
    )
