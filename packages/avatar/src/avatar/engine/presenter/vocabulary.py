"""The words a prompt may use, and what each of them chooses."""

from avatar.engine.presenter.catalogue import COLOURS

Choice = tuple[str, str | float]


def _same(words: str, *choices: Choice) -> dict[str, tuple[Choice, ...]]:
    return {word.strip(): choices for word in words.split(",")}


_GRAMMAR = """
    a an the and or with in on of at for to from by who that his her their its he she they it as like
    wearing wears wear worn has having is are be looks looking look tied up down set before behind front against
    very slightly some somewhat rather quite nice pretty handsome beautiful attractive good high quality detailed
    realistic modern simple please style years year business casual elegant smart professional
    presenter avatar portrait picture image photo illustration illustrated drawing drawn digital character speaker
    face head shoulders body human being person's colour color coloured colored standing sitting room worker
    news anchor teacher doctor host ceo manager engineer pair
"""
IGNORED = frozenset(_GRAMMAR.split())
"""Words that choose nothing here and are not worth a report."""

_PEOPLE = {
    **_same("woman, female, lady, girl, businesswoman, mother, grandmother, feminine, queen, actress",
            ("presentation", "feminine")),
    **_same("man, male, guy, gentleman, boy, businessman, father, grandfather, masculine, king, actor",
            ("presentation", "masculine")),
    **_same("androgynous, nonbinary, non binary, neutral", ("presentation", "androgynous")),
    "person": (),
    "somebody": (),
    "someone": (),
}  # fmt: skip

_MOODS = {
    **_same("smiling, cheerful, happy, joyful", ("smile", 0.80)),
    **_same("friendly, kind, welcoming, smile", ("smile", 0.60)),
    **_same("warm, warm hearted, gentle", ("smile", 0.60), ("mood", "warm")),
    **_same("excited, enthusiastic, energetic, lively", ("smile", 0.70), ("mood", "excited")),
    **_same("calm, confident, relaxed", ("smile", 0.38)),
    **_same("serious, stern, solemn, strict", ("smile", 0.05), ("mood", "serious")),
}

_HAIR = {
    **_same("bun, hair bun, topknot, updo, hair in a bun", ("hair_style", "bun")),
    **_same("ponytail, pony tail, hair in a ponytail", ("hair_style", "ponytail")),
    **_same("bob, bob cut, bobbed", ("hair_style", "bob")),
    **_same("fringe, bangs", ("hair_style", "fringe_bob")),
    **_same("pixie, pixie cut", ("hair_style", "pixie")),
    **_same("afro", ("hair_style", "afro")),
    **_same("curls, curly haired", ("hair_style", "curly")),
    **_same("side part, side parting, combed over, parted", ("hair_style", "side_part")),
    **_same("parted on the left, left parting", ("parting", "left")),
    **_same("parted on the right, right parting", ("parting", "right")),
    **_same("quiff, pompadour", ("hair_style", "quiff")),
    **_same("crop, cropped, crew cut", ("hair_style", "crop")),
    **_same("slicked back, slick back, slicked", ("hair_style", "slick_back")),
    **_same("buzz cut, buzzcut, buzzed, shaved head", ("hair_style", "buzz")),
    **_same("bald, hairless", ("hair_style", "bald")),
    **_same("blonde, blond, fair haired", ("hair_colour", "blonde")),
    **_same("brunette", ("hair_colour", "brown")),
    **_same("redhead, redheaded, ginger", ("hair_colour", "red")),
    **_same("grey haired, gray haired, silver haired", ("hair_colour", "grey")),
    **_same("white haired", ("hair_colour", "white")),
}

_FACES = {
    **_same("oval face, oval", ("face_shape", "oval")),
    **_same("round face, chubby, round faced", ("face_shape", "round"), ("face_width", 1.05)),
    **_same("square face, square jaw, strong jaw", ("face_shape", "square")),
    **_same("heart shaped face, heart face, heart shaped", ("face_shape", "heart")),
    **_same("long face, narrow face", ("face_shape", "long")),
    **_same("diamond face, high cheekbones", ("face_shape", "diamond")),
    **_same("freckles, freckled", ("freckles", 0.9)),
    **_same("slim, thin, slender, petite, skinny", ("build", 0.90), ("face_width", 0.96)),
    **_same("broad, muscular, athletic, stocky, broad shouldered", ("build", 1.12), ("face_width", 1.02)),
    **_same("heavy, stout, plus size, plump, overweight", ("build", 1.18), ("face_width", 1.08)),
    **_same("warm undertone, golden undertone, golden skin", ("undertone", "warm")),
    **_same("cool undertone, rosy undertone, rosy", ("undertone", "cool")),
    **_same("neutral undertone", ("undertone", "neutral")),
    **_same("pale", ("skin", "fair")),
    **_same("tanned", ("skin", "tan")),
    **_same("black woman, african woman", ("skin", "dark brown"), ("presentation", "feminine")),
    **_same("black man, african man", ("skin", "dark brown"), ("presentation", "masculine")),
    **_same("dark skinned", ("skin", "deep")),
    **_same("light skinned, fair skinned", ("skin", "light")),
    **_same("brown skinned", ("skin", "brown")),
    **_same("lipstick, red lips", ("lip_colour", "red")),
}

_BEARDS = {
    **_same("stubble, stubbly, unshaven, five o'clock shadow", ("beard", "stubble")),
    **_same("beard, bearded, short beard, trimmed beard", ("beard", "short")),
    **_same("full beard, long beard, big beard", ("beard", "full")),
    **_same("goatee", ("beard", "goatee")),
    **_same("moustache, mustache", ("beard", "moustache")),
    **_same("clean shaven, no beard, beardless, shaven, without a beard, without beard", ("beard", "none")),
}

_WORN = {
    **_same("no glasses, without glasses", ("glasses", "none")),
    **_same("stud earrings, studs", ("earrings", "stud")),
    **_same("hoop earrings, hoops", ("earrings", "hoop")),
    **_same("earrings, earring, jewellery, jewelry", ("earrings", "stud")),
    **_same("no earrings, without earrings", ("earrings", "none")),
    **_same("hearing aid, hearing aids, hearing device", ("hearing_aid", "right")),
    **_same("bareheaded, no headscarf, no turban", ("headwear", "none")),
    **_same("transparent, transparent background, no background", ("background", "transparent")),
}

_STYLES = {
    **_same("soft, shaded, soft style", ("art_style", "soft")),
    **_same("flat, flat style, flat design, minimalist", ("art_style", "flat")),
    **_same("line, line art, outlined, ink, cartoon, comic", ("art_style", "line")),
}

_SCENES = {
    **_same("day, daylight", ("scene_light", "day")),
    **_same("night, evening, dark background", ("scene_light", "night")),
}

DIRECT: dict[str, tuple[Choice, ...]] = {
    **_PEOPLE, **_MOODS, **_HAIR, **_FACES, **_BEARDS, **_WORN, **_STYLES, **_SCENES,
}  # fmt: skip
"""Words that say all by themselves."""

COLOUR_NOUNS: dict[str, tuple[tuple[Choice, ...], str]] = {
    **{w: ((("garment", g),), "garment_colour") for g, words in {
        "blazer": "blazer, jacket, business attire, formal jacket",
        "suit": "suit, suit and tie, tie, business suit",
        "shirt": "shirt, dress shirt, blouse",
        "tee": "tee, t shirt, tshirt, top",
        "turtleneck": "turtleneck, turtle neck, polo neck, roll neck",
        "sweater": "sweater, jumper, pullover, knitwear",
        "cardigan": "cardigan",
        "dress": "dress, gown",
        "polo": "polo, polo shirt",
        "lab_coat": "lab coat, white coat",
        "v_neck": "v neck, v neck sweater",
        "hoodie": "hoodie, hooded sweatshirt, sweatshirt",
    }.items() for w in words.split(", ")},
    **{w: ((("background", b),), "background_colour") for b, words in {
        "plain": "plain background, solid background, plain backdrop, plain",
        "gradient": "gradient, gradient background",
        "studio": "studio, studio background, studio backdrop",
        "office": "office, workplace, desk, office background",
        "library": "library, bookshelf, bookshelves, books, bookcase, study",
        "window": "window, city, skyline, city window, city background, cityscape",
        "home": "home, living room, sofa, lounge, at home",
        "brand": "brand background, brand colour, brand color, brand",
        "plants": "plants, plant, garden, greenery, leaves, nature",
    }.items() for w in words.split(", ")},
    **dict.fromkeys(("background", "backdrop", "wall"), ((), "background_colour")),
    **dict.fromkeys(("eyes", "eyed", "eye"), ((), "eye_colour")),
    **dict.fromkeys(("glasses", "spectacles", "eyeglasses"), ((("glasses", "square"),), "glasses_colour")),
    "round glasses": ((("glasses", "round"),), "glasses_colour"),
    "square glasses": ((("glasses", "square"),), "glasses_colour"),
    "browline glasses": ((("glasses", "browline"),), "glasses_colour"),
    **dict.fromkeys(("head scarf", "headscarf", "hijab", "veil"), ((("headwear", "scarf"),), "headwear_colour")),
    **dict.fromkeys(("turban", "dastar", "pagri"), ((("headwear", "turban"),), "headwear_colour")),
    **dict.fromkeys(("lips", "lipstick"), ((), "lip_colour")),
    **dict.fromkeys(("beard", "short beard"), ((("beard", "short"),), "hair_colour")),
    **dict.fromkeys(("undershirt", "under shirt"), ((), "under_colour")),
}  # fmt: skip
"""Nouns a colour may stand before: what the noun chooses, and whose colour it is."""

HAIR_NOUNS = frozenset(("hair", "haired", "hairstyle", "haircut"))
SKIN_NOUNS = frozenset(("skin", "skinned", "complexion"))

COLOUR_WORDS: dict[str, str] = {
    **{name: name for name in COLOURS},
    "dark blue": "navy", "sky blue": "light blue", "dark green": "green", "gray": "grey", "light gray": "light grey",
    "dark grey": "charcoal", "dark gray": "charcoal", "maroon": "burgundy", "wine": "burgundy", "violet": "purple",
    "khaki": "tan", "golden": "gold", "salmon": "coral", "turquoise": "teal", "ivory": "cream",
    "anthracite": "charcoal",
    "dark brown": "dark brown", "light brown": "light brown", "auburn": "auburn", "platinum": "platinum",
    "blonde": "blonde", "blond": "blonde", "ginger": "red", "chestnut": "auburn", "hazel": "hazel", "dark": "dark",
    "amber": "hazel",
}  # fmt: skip

HAIR_LENGTHS = {
    "long": "long", "medium": "medium", "medium length": "medium", "shoulder length": "medium", "mid length": "medium",
    "short": "short", "no": "none",
}  # fmt: skip
HAIR_TEXTURES = {
    "straight": "straight",
    "wavy": "wavy",
    "curly": "curly",
    "coily": "coily",
    "kinky": "coily",
    "frizzy": "curly",
}
SKIN_TONES = {
    "fair": "fair", "pale": "fair", "light": "light", "olive": "olive", "tan": "tan", "medium": "tan", "brown": "brown",
    "dark": "dark brown", "dark brown": "dark brown", "deep": "deep", "black": "deep", "very dark": "deep",
}  # fmt: skip

AGE_WORDS: dict[str, float] = {
    "young": 24.0, "youthful": 24.0, "teenage": 19.0, "student": 21.0, "adult": 35.0,
    "middle aged": 50.0, "mature": 55.0, "old": 72.0,
    "older": 64.0, "elderly": 76.0, "senior": 70.0, "aged": 74.0, "twenties": 25.0, "thirties": 35.0, "forties": 45.0,
    "fifties": 55.0, "sixties": 65.0, "seventies": 75.0, "eighties": 84.0,
}  # fmt: skip
