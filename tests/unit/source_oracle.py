"""Files in many encodings, and what CPython makes of each: one case a line, `bytes text-or-verdict name`
in hex. The verdict is "invalid" (bytes that the encoding does not allow) or "unknown" (no such encoding,
or one that the byte order mark contradicts). Read by test_source.c."""
import codecs
import io
import tokenize

# without cp1258: iconv joins a letter and its combining accent, CPython leaves two characters
SINGLE_BYTE = """latin-1 iso-8859-1 Latin-1-unix ISO_8859-15 l9 cp1252 windows-1252 cp1250 cp1251 cp1253 cp1254
cp1255 cp1256 cp1257 koi8-r KOI8-U koi8_t cp437 cp737 cp775 cp850 cp852 cp855 cp857 cp858 cp860 cp861
cp862 cp863 cp865 cp866 cp869 cp874 iso-8859-2 iso8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7
iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-16 ascii us-ascii
utf-8 UTF8 u8 utf-8-unix hp-roman8 mac-latin2 kz1048 ptcp154""".split()

# a backslash, a tilde and letters of the script: what a string of a program holds
WIDE = {
    "gbk": "中文 \\ ~ 编码", "gb2312": "中文 \\ ~", "gb18030": "中文 \\ ~ \U0001F600", "cp936": "汉字",
    "big5": "中文 \\ ~ 編碼", "big5-hkscs": "香港 \\", "cp950": "編碼 \\",
    "euc-jp": "日本語 \\ ~ カタカナ", "eucJP": "日本語", "shift_jis": "日本語 \\ ~ ソ表 ｶﾅ",
    "sjis": "\\n ~ 表示", "cp932": "日本語 \\ ①", "iso-2022-jp": "日本語 \\ かな",
    "euc_jis_2004": "日本語 かな", "iso2022_jp_2": "日本語", "euc-kr": "한국어 \\ ~", "cp949": "한국어 똠 \\",
    "johab": "한국어 \\ ~", "utf-7": "é 日本 +", "utf-8": "日本語 \U0001F600 é", "utf_8": "é",
    "utf-8-sig": "é",
}

WHOLE = {
    "empty": b"",
    "only a mark": b"\xef\xbb\xbf",
    "mark": b"\xef\xbb\xbfx = '\xc3\xa9'\n",
    "mark and utf-8": b"\xef\xbb\xbf# coding: utf-8\nx = '\xc3\xa9'\n",
    "mark and another": b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    "cookie in line 2": b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "line 2 after a blank": b" \t\f\n# vim: set fileencoding=latin-1 :\nx = '\xe9'\n",
    "line 2 after code": b"x = 1\n# coding: latin-1\ny = '\xe9'\n",
    "line 2 in a string": b"'''\n# coding: latin-1\n\xe9'''\n",
    "line 3": b"\n\n# coding: latin-1\nx = '\xe9'\n",
    "line 1 wins": b"# coding: latin-1\n# coding: cp1251\nx = '\xe9'\n",
    "not in a comment": b"coding = 'latin-1'\nx = '\xe9'\n",
    "after code": b"x = 1 # coding: latin-1\ny = '\xe9'\n",
    "form feed before": b"\x0c # coding: latin-1\nx = '\xe9'\n",
    "equals": b"# coding=latin-1\nx = '\xe9'\n",
    "space before the colon": b"# coding : latin-1\nx = '\xe9'\n",
    "second try in a line": b"# coding: ! encoding:\tlatin-1\nx = '\xe9'\n",
    "no name": b"# coding: \nx = 1\n",
    "dot in the name": b"# coding: iso_8859.15\nx = '\xa4'\n",
    "crlf": b"# a\r\n# coding: cp1251\r\nx = '\xe9'\r\n",
    "unknown": b"# coding: no-such-codec\nx = 1\n",
    "utf8-sig is no name": b"# coding: utf8-sig\nx = 1\n",
    "no text codec": b"# coding: rot13\nx = 1\n",
    "cut off": b"x = '\xe6\x97",
    "surrogate": b"x = '\xed\xa0\x80'\n",
    "overlong": b"x = '\xc0\x80'\n",
    "beyond": b"x = '\xf4\x90\x80\x80'\n",
    "cut off sjis": b"# coding: shift_jis\nx = '\x83",
    "bad euc": b"# coding: euc-jp\nx = '\xa4'\n",
    "bad gbk": b"# coding: gbk\nx = '\xff'\n",
    "undefined in cp1252": b"# coding: cp1252\nx = '\x81'\n",
    "undefined in cp1253": b"# coding: cp1253\nx = '\xd2'\n",
}


def expected(data):
    """What tokenize.open would read, without the translation of line ends."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        return "invalid" if "decode" in str(error) or "invalid or missing" in str(error) else "unknown"
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode().hex() or "-"
    except UnicodeDecodeError:
        return "invalid"
    except LookupError:  # not a text encoding
        return "unknown"


def main():
    cases = dict(WHOLE)
    for name in SINGLE_BYTE:
        for block in range(0x80, 0x100, 0x10):
            data = b"# coding: %s\nx = '%s'\n" % (name.encode(), bytes(range(block, block + 0x10)))
            cases[f"{name} {block:x}"] = data
    for name, text in WIDE.items():
        cases[f"{name} text"] = b"# coding: %s\n" % name.encode() + f"x = '{text}'\n".encode(name)
    for name, data in cases.items():
        print(data.hex() or "-", expected(data), name.replace(" ", "_"))


main()
