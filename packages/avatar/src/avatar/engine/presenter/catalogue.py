"""What there is to choose from: names as the spec writes them, and the palettes."""

CHOICES: dict[str, tuple[str, ...]] = {
    "presentation": ("feminine", "masculine", "androgynous"),
    "art_style": ("soft", "flat", "line"),
    "face_shape": ("oval", "round", "square", "heart", "long", "diamond"),
    "hair_style": (
        "long_straight", "long_wavy", "shoulder", "bob", "fringe_bob", "bun", "ponytail", "pixie",
        "curly", "afro", "side_part", "quiff", "crop", "slick_back", "buzz", "bald",
    ),
    "parting": ("left", "right"),
    "beard": ("none", "stubble", "short", "full", "goatee", "moustache"),
    "glasses": ("none", "round", "square", "browline"),
    "earrings": ("none", "stud", "hoop"),
    "garment": (
        "blazer", "suit", "shirt", "tee", "turtleneck", "sweater", "v_neck", "hoodie",
        "cardigan", "dress", "polo", "lab_coat",
    ),
    "background": (
        "plain", "gradient", "studio", "office", "library", "window", "plants", "home", "brand",
        "picture", "transparent",
    ),
    "headwear": ("none", "scarf", "turban"),
    "hearing_aid": ("none", "left", "right"),
    "undertone": ("neutral", "warm", "cool"),
    "mood": ("neutral", "warm", "serious", "excited"),
}  # fmt: skip

HAIR_STYLES = {
    "feminine": ("long_straight", "long_wavy", "shoulder", "bob", "fringe_bob", "bun", "ponytail", "pixie", "curly"),
    "masculine": ("side_part", "quiff", "crop", "slick_back", "buzz", "curly", "bald"),
    "androgynous": ("pixie", "crop", "side_part", "bob", "curly", "shoulder", "quiff"),
}

SKINS = {
    "fair": "f7dac8",
    "light": "f0c6a8",
    "tan": "e0ab82",
    "olive": "cfa078",
    "brown": "a9704b",
    "dark brown": "82523a",
    "deep": "6a4231",
}

HAIR_COLOURS = {
    "black": "211c1f",
    "dark brown": "35231b",
    "brown": "573722",
    "light brown": "7d5433",
    "auburn": "763320",
    "red": "a8472a",
    "blonde": "cfa35f",
    "platinum": "e3d2ad",
    "grey": "95959a",
    "white": "dcdad6",
}

EYE_COLOURS = {
    "brown": "5a3820",
    "hazel": "7d6534",
    "green": "4f7a55",
    "blue": "44749c",
    "grey": "6a7984",
    "dark": "3a2417",
}

COLOURS = {
    "navy": "25334f",
    "blue": "2f5f94",
    "light blue": "9dbcd8",
    "teal": "23706d",
    "green": "3f6b4c",
    "olive": "6d6a3f",
    "mint": "a9d3bf",
    "red": "b23a3a",
    "burgundy": "6f2636",
    "pink": "dba0a8",
    "coral": "dd7460",
    "orange": "cf7430",
    "mustard": "c9982f",
    "yellow": "e3c257",
    "purple": "5d4579",
    "lavender": "b5a5d0",
    "brown": "6d4a35",
    "tan": "b99672",
    "beige": "d9c8ad",
    "cream": "f1e8d6",
    "white": "f3f2ee",
    "grey": "868b92",
    "light grey": "c2c6ca",
    "charcoal": "3b3f46",
    "black": "232427",
    "gold": "b98f45",
    "silver": "aab0b6",
}

GARMENT_COLOURS = (
    "navy", "burgundy", "teal", "charcoal", "olive", "blue", "mustard", "coral", "grey", "cream", "purple", "green",
)  # fmt: skip
UNDER_COLOURS = ("white", "cream", "light blue", "light grey", "pink", "black")

BACKDROPS = (
    ("e4ecf2", "9fb7cb"),
    ("f4e7d9", "d4a98c"),
    ("dcebe2", "86ad9c"),
    ("ebe4f1", "a999c4"),
    ("f3eee3", "c3b498"),
    ("dfe3e8", "8d98a5"),
    ("47586b", "1f2937"),
    ("3d5a5a", "1a2b2e"),
)
"""Pairs of a light and a dark colour, for backgrounds."""
