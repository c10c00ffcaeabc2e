#!/bin/sh
# Makes the fonts that captions are drawn in, from Debian's fonts-noto-core and fonts-noto-cjk (SIL OFL 1.1).
# Needs pyftsubset (fonttools). Run once; the results are committed.
set -eu
out=packages/avatar/src/avatar/fonts
noto=/usr/share/fonts/truetype/noto
keep="--no-hinting --notdef-outline --layout-features=*"
chars=$(mktemp)

# Latin with its extensions, Greek, Cyrillic, and the punctuation they use
pyftsubset "$noto/NotoSans-Bold.ttf" $keep --layout-features-=smcp,c2sc,salt,ss03,ss04,ss06,ss07 \
    --unicodes=U+20-7E,U+A0-24F,U+2B0-2FF,U+300-36F,U+370-3FF,U+400-4FF,U+1E00-1EFF,U+2000-206F,U+20A0-20BF,U+2100-214F,U+2190-2193,U+2212,U+FFFD \
    --output-file="$out/NotoSans-Bold.ttf"
pyftsubset "$noto/NotoSansDevanagari-Bold.ttf" $keep \
    --unicodes=U+20-7E,U+900-97F,U+A8E0-A8FF,U+200C,U+200D,U+25CC,U+20B9 \
    --output-file="$out/NotoSansDevanagari-Bold.ttf"
# The 3,755 characters of GB 2312 level 1 are 99.7 % of written Chinese; kana come along for names.
python3 -c "print(''.join(bytes([a, b]).decode('gb2312', 'ignore') for a in range(0xA1, 0xD8) for b in range(0xA1, 0xFF)))" >"$chars"
pyftsubset /usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc --font-number=2 --text-file="$chars" \
    --unicodes=U+20-7E,U+3000-303F,U+3040-30FF,U+FF00-FFEF,U+2014,U+2018,U+2019,U+201C,U+201D,U+2026 \
    --no-hinting --layout-features=ccmp,locl,vert --output-file="$out/NotoSansSC-Bold.otf"
rm -f "$chars"
