"""What the bot says to a courtesy: to a greeting, thanks, a nod, a lone question mark."""

from pydantic import field_validator

from wecom_bot.domain.proved import Proved
from wecom_bot.text.reading import Courtesy, Language
from wecom_bot.text.showable import says_something


class CourtesyPhrases(Proved):
    """One phrase for each kind of courtesy; none may be empty.

    `decline`: to 不用了谢谢 where nothing was asked. `denied`: to who denies that something is wanted, 不用开发票.
    """

    identity: str = "我是智能客服机器人，有问题可以直接问我；需要人工服务时，回复“人工”即可。"
    decline: str = "好的，有需要随时找我。"
    goodbye: str = "再见，祝您生活愉快！有需要随时找我。"
    apology: str = "没关系。请问有什么可以帮您？"
    presence: str = "在的，请问有什么可以帮您？"
    thanks: str = "不客气，有问题随时问我。"
    praise: str = "谢谢您的夸奖，能帮到您很高兴！"
    greeting: str = "您好，请问有什么可以帮您？"
    nod: str = "好的。"
    laughter: str = "能让您开心就好～还有什么可以帮您？"
    puzzled: str = "请问您想了解什么？可以说得具体一点，我来为您解答。"
    emoji: str = "收到～请问有什么可以帮您？"
    denied: str = "好的，明白了。请问还有什么可以帮您？"

    @field_validator("*")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not says_something(value):
            raise ValueError("a phrase must not be empty: leave the line out, or name the kind in courtesies.silent")
        return value


class EnglishCourtesyPhrases(CourtesyPhrases):
    """The same for who writes English."""

    identity: str = "I'm an automated assistant. Ask me anything, or reply “human” to talk to a person."
    decline: str = "All right. I'm here whenever you need me."
    goodbye: str = "Goodbye, and have a nice day!"
    apology: str = "No problem. How can I help you?"
    presence: str = "Yes, I'm here. How can I help you?"
    thanks: str = "You're welcome!"
    praise: str = "Thank you, I'm glad I could help!"
    greeting: str = "Hello! How can I help you?"
    nod: str = "All right."
    laughter: str = "Glad to hear that. Is there anything else I can help you with?"
    puzzled: str = "What would you like to know? Tell me a little more, and I'll help."
    emoji: str = "How can I help you?"
    denied: str = "All right. Is there anything else I can help you with?"


class Courtesies(Proved):
    """How the bot takes courtesies. None of them counts as a miss or calls a human.

    `silent`: kinds that are left without a reply, as a nod after an answer may be. `coze`: the tenant's bot at Coze
    words the replies; otherwise no courtesy is sent there. `zh`, `en`: the phrases, by the customer's language.
    """

    silent: tuple[Courtesy, ...] = ()
    coze: bool = False
    zh: CourtesyPhrases = CourtesyPhrases()
    en: EnglishCourtesyPhrases = EnglishCourtesyPhrases()

    def phrases(self, language: Language) -> CourtesyPhrases:
        """The phrases for who writes this language."""
        return self.en if language is Language.ENGLISH else self.zh

    def to(self, courtesy: Courtesy, language: Language) -> str:
        """What is said to it; empty where silence is."""
        said: str = getattr(self.phrases(language), courtesy.value)
        return "" if courtesy in self.silent else said
