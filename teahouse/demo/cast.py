"""Who lives in the sample house, and what they talk about. All invented."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Language = Literal["en", "zh", "ru", "ar"]
PASSWORD: Final = "teahouse-demo"
GUEST: Final = "alice"
"""Who a newcomer signs in as: the operator, whom the others write to."""


class Role(NamedTuple):
    handle: str
    name: str
    language: Language
    bio: str


CAST: Final = (
    Role("alice", "Alice Martin", "en", "Keeps the house. Green tea before nine, black after."),
    Role("ben", "Ben Okafor", "en", "Bicycles, bread, bad puns."),
    Role("carla", "Carla Reyes", "en", "Reads three books at once and finishes two."),
    Role("david", "David Chen 陈大卫", "en", "Maps and mountains. 中文 / English"),
    Role("linmei", "林梅", "zh", "爱喝龙井,爱拍老街。"),
    Role("wangwei", "王伟", "zh", "周末不是在爬山,就是在去爬山的路上。"),
    Role("xiaoyu", "李晓雨", "zh", "图书馆管理员,猫的室友"),
    Role("zhangjun", "张俊", "zh", "修车、做饭、弹吉他"),
    Role("anna", "Анна Соколова", "ru", "Врач. Пироги по воскресеньям."),
    Role("dmitri", "Дмитрий Орлов", "ru", "Рыбалка, радио, старые велосипеды"),
    Role("olga", "Ольга Белова", "ru", "Сад, хор и немного шахмат"),
    Role("pavel", "Павел Ким", "ru", "Готовлю куксу лучше бабушки. Почти."),
    Role("noor", "نور الهاشمي", "ar", "قهوة بالهيل وكتب قديمة"),
)
STRANGER: Final = Role("theo", "Theo Lind", "en", "New in town.")

# --- talks: (speaker, text) in order ------------------------------------------------------------

BEN: Final = (
    ("ben", "Morning! Is the back room free on Thursday evening?"),
    ("alice", "It is, from six. What is it this time?"),
    ("ben", "Repair café. Bring your broken things, leave with *slightly less* broken things."),
    ("alice", "Then put me down for the kettle with the wobbly handle 🫖"),
    ("ben", "Wobbly handles are my speciality. My own included."),
    ("alice", "How many people do you expect? I'd put out chairs."),
    ("ben", "Fifteen if it rains, thirty if it doesn't"),
    ("alice", "So thirty. I'll ask Zhang Jun whether he brings his tools again"),
    ("ben", "He already said yes. And Dmitri has a box of bicycle parts as old as the bridge"),
    ("alice", "Perfect. I'll write it up in the news channel"),
    ("ben", "You're a treasure. I'm baking tonight, rye or walnut?"),
)
LINMEI: Final = (
    ("linmei", "今天的新茶到了,要不要给你留一罐?"),
    ("alice", "Yes please! 谢谢 😊"),
    ("linmei", "明前龙井,只有十二罐。你是第三个"),
    ("alice", "Is it the one from your cousin's hill?"),
    ("linmei", "对,就是他家后山的。今年雨水少,香气更足"),
    ("linmei", "晚上我拍了老街的灯笼,回头发给你看"),
    ("alice", "I'd love that for the front page of the news"),
    ("linmei", "那我挑几张最好的,周五之前给你"),
)
ANNA: Final = (
    ("anna", "Алиса, добрый вечер! Курсы первой помощи в субботу в силе?"),
    ("alice", "Yes, Saturday at eleven. Twelve people so far"),
    ("anna", "Отлично. Мне нужен стол, розетка и человек, который не боится быть пострадавшим"),
    ("alice", "Ben volunteered before I had finished the sentence"),
    ("anna", "Почему я не удивлена 😄"),
    ("anna", "И ещё: в прошлый раз не хватило бинтов. Я принесу, но запишите это в расходы"),
    ("alice", "Done. And the pie?"),
    ("anna", "Пирог будет. С вишней. Это не обсуждается"),
)
NOOR: Final = (
    ("noor", "مساء الخير! هل ما زال نادي القراءة يوم الأربعاء؟"),
    ("alice", "Yes, Wednesday at seven, in the room upstairs"),
    ("noor", "ممتاز. سأحضر معي قهوة بالهيل وكتابًا قديمًا وجدته في السوق"),
    ("alice", "Bring both, and tell us where you found it"),
    ("noor", "عند البائع الذي بجانب الجسر، لديه صناديق كثيرة لم يفتحها أحد بعد"),
)
DAVID: Final = (
    ("david", "The new trail map is ready, 24 pages. Where do I leave the paper ones?"),
    ("alice", "Front desk, next to the umbrellas"),
    ("david", "And a link for the house: https://trails.example/riverside"),
    ("alice", "Lovely. Is the ferry path in it?"),
    ("david", "Page 9, with the warning about the goats 🐐"),
)
HOUSE: Final = (
    ("alice", "Welcome to the common room, everyone. Write in whatever language you like, somebody will understand."),
    ("wangwei", "大家好!谁知道周六早上几点开门?"),
    ("alice", "Eight on Saturdays, nine otherwise"),
    ("olga", "Хор в этот четверг репетирует наверху, приходите послушать 🎶"),
    ("carla", "Is that the one with the song about the ferry? I hummed it for a week"),
    ("olga", "Да! Теперь их две. Вторая про паромщика и козу"),
    ("ben", "I'd like to know what the goat did"),
    ("pavel", "В субботу варю куксу на двадцать человек. Кто придёт?"),
    ("zhangjun", "我!顺便把吉他带来"),
    ("anna", "Я после курсов, оставьте мне порцию"),
    ("noor", "وأنا أيضًا، شكرًا على الدعوة"),
    ("xiaoyu", "图书角今天收到一箱捐的书,有英文的、俄文的,还有一本阿拉伯文诗集"),
    ("noor", "شعر؟ احجزوه لي من فضلكم!"),
    ("xiaoyu", "已经写上你的名字了 📚"),
    ("david", "Reminder: clocks go back on Sunday. The ferry timetable changes too."),
    ("dmitri", "Кто забыл зелёный велосипед у входа? Я подкачал ему колёса"),
    ("carla", "That would be mine. Thank you, Dmitri!"),
    ("ben", "Walnut won, by the way. Two loaves on the counter, first come first served 🍞"),
    ("linmei", "我去的时候只剩面包屑了 😢"),
    ("ben", "I know. I am the crumbs"),
    ("olga", "@alice, можно хору взять чайник в четверг?"),
)
BOOKS: Final = (
    ("carla", "So, who finished it?"),
    ("xiaoyu", "I did! 昨晚两点。结局让我睡不着"),
    ("alice", "Two chapters left, no spoilers please"),
    ("david", "I liked the maps in the front better than the plot"),
    ("carla", "Of course you did"),
    ("noor", "الترجمة العربية مختلفة قليلًا في الفصل الأخير، سأقرأها لكم"),
    ("carla", "Next month I propose something shorter. Under 200 pages, with a dog that survives"),
    ("alice", "Seconded. The dog is in the minutes"),
)
HIKE: Final = (
    ("wangwei", "这周六爬北山,六点半渡口集合,谁来?"),
    ("linmei", "我来,带相机"),
    ("zhangjun", "我带包子,二十个够不够?"),
    ("wangwei", "上次二十个,到半山腰就没了"),
    ("zhangjun", "那就三十个"),
    ("david", "我负责路线。天气预报说上午有雾,下午晴"),
    ("xiaoyu", "猫可以来吗?"),
    ("wangwei", "猫可以,但要自己走"),
    ("linmei", "山顶的日出如果看得到,我请大家喝茶 🍵"),
)
DACHA: Final = (
    ("dmitri", "Клюёт с четырёх утра. Кто со мной?"),
    ("pavel", "В четыре утра я только ложусь"),
    ("olga", "Яблок в этом году столько, что придётся раздавать вёдрами"),
    ("anna", "Два ведра на пироги беру сразу"),
    ("dmitri", "Меняю ведро яблок на ведро окуней"),
    ("olga", "Договорились. Только чистишь ты"),
    ("pavel", "А я тогда сделаю уху. Соль у всех есть?"),
)
NEWS: Final = (
    "The house is open. Here you find what is on; to chat, come to the common room.",
    "*Repair café* on Thursday at six, back room. Bring your broken things.",
    "First aid with Анна on Saturday at eleven. Twelve places, two left.",
    "书法课:每周二下午四点,林梅老师,笔墨自备。",
    "Хор ищет басов. Четверг, семь вечера, второй этаж.",
    "New trail map by David, at the front desk and at https://trails.example/riverside",
    "The ferry runs every 40 minutes from Sunday on. Last boat back at 22:10.",
)

# --- the market: a long chat, put together from pieces --------------------------------------------

THINGS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("a desk lamp", "tomato seedlings", "a child's bicycle", "jam jars", "a rice cooker", "two chairs", "a tent"),
    "zh": ("一盏台灯", "番茄苗", "儿童自行车", "玻璃罐", "电饭锅", "两把椅子", "一顶帐篷"),
    "ru": ("настольную лампу", "рассаду помидоров", "детский велосипед", "банки", "рисоварку", "два стула", "палатку"),
    "ar": ("مصباح مكتب", "شتلات طماطم", "دراجة أطفال", "برطمانات", "كرسيين", "خيمة"),
}
OFFERS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("Giving away {thing}, free to whoever comes first.", "Selling {thing}, {price} or a good cake."),
    "zh": ("送{thing},先到先得。", "出{thing},{price}块,可以商量。"),
    "ru": ("Отдам {thing}, кто первый.", "Продам {thing}, {price} или пирог."),
    "ar": ("أهدي {thing} لمن يأتي أولًا.", "أبيع {thing} بسعر {price}."),
}
WISHES: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("Is anybody parting with {thing}?", "Looking for {thing} for the weekend, can I borrow one?"),
    "zh": ("有人出{thing}吗?", "周末想借{thing},谁家有?"),
    "ru": ("Никто не отдаёт {thing}?", "Ищу {thing} на выходные, кто одолжит?"),
    "ar": ("هل عند أحد {thing}؟", "أبحث عن {thing} لنهاية الأسبوع."),
}
ANSWERS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "Mine, please!",
        "I have one in the cellar, let me look.",
        "Can I see it after {hour}?",
        "Is it still there?",
    ),
    "zh": ("我要!", "地下室好像有,我去找找。", "{hour}点以后能看吗?", "还在吗?"),
    "ru": ("Мне, пожалуйста!", "Кажется, есть в подвале, посмотрю.", "Можно посмотреть после {hour}?", "Ещё есть?"),
    "ar": ("لي من فضلك!", "أظن أن عندي واحدًا، سأبحث.", "هل أستطيع رؤيته بعد الساعة {hour}؟"),
}
THANKS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("Thank you, I'll come by at {hour}.", "Gone, thanks everyone!", "You made my day 🌞", "Deal 🤝"),
    "zh": ("谢谢,我{hour}点过去拿。", "已经有主了,谢谢大家!", "太好了 🌞", "成交 🤝"),
    "ru": ("Спасибо, зайду в {hour}.", "Забрали, всем спасибо!", "Вы меня выручили 🌞", "Договорились 🤝"),
    "ar": ("شكرًا، سأمر الساعة {hour}.", "تم، شكرًا للجميع!", "اتفقنا 🤝"),
}

# --- what they say when one writes to them -------------------------------------------------------

REPLIES: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("Good question. Let me think about it over tea.", "Ha, I was about to say the same!", "Count me in 🙌"),
    "zh": ("好问题,我泡杯茶想一想。", "哈哈,我正想这么说!", "算我一个 🙌"),
    "ru": ("Хороший вопрос. Подумаю за чаем.", "Ха, я как раз хотел это сказать!", "Я с вами 🙌"),
    "ar": ("سؤال جيد، سأفكر فيه مع فنجان قهوة.", "كنت سأقول الشيء نفسه!", "أنا معكم 🙌"),
}
CHATTER: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "The kettle is on, anyone for tea?",
        "It has stopped raining on this side of the river.",
        "Who has the key?",
    ),
    "zh": ("水开了,谁要喝茶?", "河这边雨停了。", "谁拿了钥匙?"),
    "ru": ("Чайник вскипел, кто будет чай?", "На нашем берегу дождь кончился.", "У кого ключ?"),
    "ar": ("القهوة جاهزة، من يريد؟", "توقف المطر عندنا.", "من معه المفتاح؟"),
}
EMOJI: Final = ("👍", "❤️", "😄", "🎉", "🙏", "🍵")
