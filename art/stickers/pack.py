"""The pack: which stickers, in which order, for which emoji and words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from art.stickers.lottie import Scene
from art.stickers.scenes import answers, day, feelings, greetings, treats

FOLDER = Path(__file__).parents[2] / "teahouse" / "stickers" / "starter"


@dataclass(frozen=True)
class Sticker:
    draw: Callable[[], Scene]
    #: The emoji it answers to, apart by spaces.
    emoji: str
    #: What one may type to find it, in English, Chinese and Russian, apart by commas.
    keywords: str
    #: What it is called in these three languages.
    en: str
    zh: str
    ru: str
    #: The frame that stands for it where nothing moves.
    still: int


STICKERS: tuple[Sticker, ...] = (
    Sticker(
        greetings.hello, "👋 🙋 🤚", "hello, hi, hey, wave, 你好, 嗨, привет, здравствуй", "Hello", "你好", "Привет", 60
    ),
    Sticker(
        day.good_morning,
        "☀️ 🌞 🌅 ☕",
        "good morning, morning, sun, 早安, 早上好, доброе утро, утро",
        "Good morning",
        "早安",
        "Доброе утро",
        96,
    ),
    Sticker(
        feelings.love,
        "😍 ❤️ 🥰 💕 😘",
        "love, heart, adore, 爱, 喜欢, 爱心, люблю, любовь, сердце",
        "Love",
        "爱你",
        "Люблю",
        50,
    ),
    Sticker(
        feelings.kiss,
        "😘 💋 😗 ❤️",
        "kiss, mwah, love, 亲亲, 么么哒, 亲, целую, поцелуй, чмок",
        "Kiss",
        "么么哒",
        "Целую",
        70,
    ),
    Sticker(treats.hug, "🤗 🫂", "hug, friends, cuddle, 抱抱, 拥抱, обнимаю, объятия", "Hug", "抱抱", "Обнимаю", 45),
    Sticker(
        feelings.laugh, "😂 🤣 😆 😄", "laugh, lol, haha, funny, 哈哈, 笑, ха-ха, смешно", "Ha ha", "哈哈", "Ха-ха", 50
    ),
    Sticker(
        answers.thumbs_up,
        "👍 💪 👏",
        "thumbs up, good, great, well done, yes, 赞, 棒, 好, класс, супер, молодец",
        "Great",
        "赞",
        "Класс",
        60,
    ),
    Sticker(
        answers.ok, "👌 🆗 ✅ 👍", "ok, okay, yes, agreed, 好的, 可以, 行, ок, хорошо, ладно", "OK", "好的", "Окей", 60
    ),
    Sticker(
        greetings.thank_you,
        "🙏 💐 😊",
        "thank you, thanks, grateful, 谢谢, 感谢, спасибо, благодарю",
        "Thank you",
        "谢谢",
        "Спасибо",
        131,
    ),
    Sticker(
        treats.tea_time,
        "🍵 🫖 ☕",
        "tea, tea time, break, drink, 喝茶, 茶, чай, пьём чай",
        "Tea time",
        "喝茶",
        "Пора пить чай",
        90,
    ),
    Sticker(treats.cheers, "🥂 🍻 ☕", "cheers, toast, drink, 干杯, 碰杯, ура, будем", "Cheers", "干杯", "Будем", 46),
    Sticker(
        treats.party,
        "🎉 🥳 🎊 🎂 💃",
        "party, celebrate, congratulations, birthday, 庆祝, 恭喜, 生日快乐, праздник, поздравляю",
        "Party",
        "恭喜",
        "Ура",
        60,
    ),
    Sticker(
        feelings.surprised,
        "😮 😲 😱 ❗ 🤯",
        "surprised, wow, what, oh, 惊讶, 哇, ого, вау, удивление",
        "Oh!",
        "哇",
        "Ого",
        45,
    ),
    Sticker(
        treats.peekaboo,
        "🐱 👀 🐈 😺 🙀",
        "peekaboo, cat, kitty, surprise, 躲猫猫, 猫, 猫咪, ку-ку, кот, кошка",
        "Peekaboo",
        "躲猫猫",
        "Ку-ку",
        84,
    ),
    Sticker(feelings.cool, "😎 🕶️", "cool, style, relaxed, 酷, 帅, круто, стильно", "Cool", "酷", "Круто", 84),
    Sticker(
        feelings.shy,
        "☺️ 😊 😳 🙈",
        "shy, blush, flattered, 害羞, 脸红, стесняюсь, смущение",
        "Shy",
        "害羞",
        "Смущаюсь",
        30,
    ),
    Sticker(
        greetings.please,
        "🥺 🙏",
        "please, beg, puppy eyes, 求求, 拜托, пожалуйста, прошу",
        "Please",
        "拜托",
        "Пожалуйста",
        15,
    ),
    Sticker(
        greetings.sorry,
        "🙇 😔 😞 😓",
        "sorry, apologise, forgive, 对不起, 抱歉, извини, прости",
        "Sorry",
        "对不起",
        "Прости",
        18,
    ),
    Sticker(
        feelings.cry, "😭 😢 💧 💔", "cry, sad, tears, 哭, 难过, 伤心, плачу, грустно", "Crying", "呜呜", "Плачу", 45
    ),
    Sticker(
        feelings.angry,
        "😡 😠 🤬 💢",
        "angry, mad, furious, boiling, 生气, 愤怒, злюсь, сержусь",
        "Angry",
        "生气",
        "Злюсь",
        75,
    ),
    Sticker(answers.no, "🙅 ❌ 🚫 👎", "no, never, stop, refuse, 不, 不行, 不要, нет, нельзя", "No", "不行", "Нет", 45),
    Sticker(
        answers.thinking, "🤔 💭", "thinking, hmm, wonder, 思考, 想想, 嗯, думаю, хм", "Hmm", "想一想", "Думаю", 45
    ),
    Sticker(
        answers.idea,
        "💡 🤩 ☝️",
        "idea, eureka, got it, inspiration, 主意, 有了, 灵感, идея, придумал",
        "Idea",
        "有主意了",
        "Идея",
        62,
    ),
    Sticker(
        answers.waiting,
        "⏳ ⌛ 😒 🙄",
        "waiting, wait, bored, 等, 等待, 无聊, жду, ожидание",
        "Waiting",
        "等你",
        "Жду",
        90,
    ),
    Sticker(
        greetings.on_my_way,
        "🏃 💨 🚶",
        "on my way, coming, hurry, run, 马上到, 来了, 跑, бегу, уже иду",
        "On my way",
        "马上到",
        "Бегу",
        45,
    ),
    Sticker(
        treats.coin,
        "💰 🪙 💸 🤑",
        "coin, money, pay, 钱, 付款, 硬币, деньги, монета, плачу",
        "Money",
        "付钱啦",
        "Деньги",
        75,
    ),
    Sticker(
        treats.red_packet,
        "🧧 🎁 🎊",
        "red packet, gift, lucky, new year, 红包, 恭喜发财, 新年, подарок, красный конверт",
        "Red packet",
        "红包",
        "Красный конверт",
        56,
    ),
    Sticker(
        feelings.sleepy, "😴 💤 🥱", "sleepy, sleep, tired, 困, 睡觉, 累, сплю, устал", "Sleepy", "困了", "Сплю", 90
    ),
    Sticker(
        day.good_night,
        "🌙 🌛 💤 😴",
        "good night, night, moon, 晚安, спокойной ночи, ночь",
        "Good night",
        "晚安",
        "Спокойной ночи",
        60,
    ),
)


def files() -> dict[str, bytes]:
    """Every file of the pack by its name."""
    made: dict[str, bytes] = {}
    listed: list[dict[str, Any]] = []
    for sticker in STICKERS:
        scene = sticker.draw()
        name = f"{scene.name}.json"
        made[name] = json.dumps(scene.lottie(), separators=(",", ":")).encode() + b"\n"
        listed.append(
            {
                "file": name,
                "emoji": sticker.emoji.split(),
                "keywords": sticker.keywords.split(", "),
                "label": {"en": sticker.en, "zh": sticker.zh, "ru": sticker.ru},
                "still": sticker.still,
            }
        )
    pack = {"name": "Teahouse", "author": "Teahouse", "stickers": listed}
    made["pack.json"] = json.dumps(pack, ensure_ascii=False, indent=2).encode() + b"\n"
    return made
