#include "source/encoding.h"

#include <string.h>

/* Only names that a file can carry in an ASCII-compatible cookie matter. Left out: hz, whose
 * converter is not in every C library, and Windows' own mbcs and oem. */
static const Encoding encodings[] = {
    {"utf_8 u8 utf utf8 utf8_ucs2 utf8_ucs4 cp65001 utf_8_sig", ENCODING_UTF8, NULL},
    {"latin_1 8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 "
     "iso_ir_100 "
     "l1 latin latin1 charmap",
     ENCODING_LATIN1, NULL},
    {"mac_arabic mac_croatian mac_farsi mac_greek macgreek mac_iceland maciceland mac_romanian "
     "mac_turkish macturkish cp720 cp1006 palmos",
     ENCODING_LATIN1, NULL},
    {"ascii 646 ansi_x3_4_1968 ansi_x3_4_1986 cp367 csascii ibm367 iso646_us iso_646_irv_1991 "
     "iso_ir_6 us us_ascii",
     ENCODING_ICONV, "ASCII"},
    {"utf_7 u7 utf7 unicode_1_1_utf_7", ENCODING_ICONV, "UTF-7"},
    {"iso8859_2 csisolatin2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2", ENCODING_ICONV,
     "ISO-8859-2"},
    {"iso8859_3 csisolatin3 iso_8859_3 iso_8859_3_1988 iso_ir_109 l3 latin3", ENCODING_ICONV,
     "ISO-8859-3"},
    {"iso8859_4 csisolatin4 iso_8859_4 iso_8859_4_1988 iso_ir_110 l4 latin4", ENCODING_ICONV,
     "ISO-8859-4"},
    {"iso8859_5 csisolatincyrillic cyrillic iso_8859_5 iso_8859_5_1988 iso_ir_144", ENCODING_ICONV,
     "ISO-8859-5"},
    {"iso8859_6 arabic asmo_708 csisolatinarabic ecma_114 iso_8859_6 iso_8859_6_1987 iso_ir_127",
     ENCODING_ICONV, "ISO-8859-6"},
    {"iso8859_7 csisolatingreek ecma_118 elot_928 greek greek8 iso_8859_7 iso_8859_7_1987 "
     "iso_ir_126",
     ENCODING_ICONV, "ISO-8859-7"},
    {"iso8859_8 csisolatinhebrew hebrew iso_8859_8 iso_8859_8_1988 iso_ir_138", ENCODING_ICONV,
     "ISO-8859-8"},
    {"iso8859_9 csisolatin5 iso_8859_9 iso_8859_9_1989 iso_ir_148 l5 latin5", ENCODING_ICONV,
     "ISO-8859-9"},
    {"iso8859_10 csisolatin6 iso_8859_10 iso_8859_10_1992 iso_ir_157 l6 latin6", ENCODING_ICONV,
     "ISO-8859-10"},
    {"iso8859_11 thai iso_8859_11 iso_8859_11_2001", ENCODING_ICONV, "ISO-8859-11"},
    {"iso8859_13 iso_8859_13 l7 latin7", ENCODING_ICONV, "ISO-8859-13"},
    {"iso8859_14 iso_8859_14 iso_8859_14_1998 iso_celtic iso_ir_199 l8 latin8", ENCODING_ICONV,
     "ISO-8859-14"},
    {"iso8859_15 iso_8859_15 l9 latin9", ENCODING_ICONV, "ISO-8859-15"},
    {"iso8859_16 iso_8859_16 iso_8859_16_2001 iso_ir_226 l10 latin10", ENCODING_ICONV,
     "ISO-8859-16"},
    {"cp1250 1250 windows_1250", ENCODING_ICONV, "CP1250"},
    {"cp1251 1251 windows_1251", ENCODING_ICONV, "CP1251"},
    {"cp1252 1252 windows_1252", ENCODING_ICONV, "CP1252"},
    {"cp1253 1253 windows_1253", ENCODING_ICONV, "CP1253"},
    {"cp1254 1254 windows_1254", ENCODING_ICONV, "CP1254"},
    {"cp1255 1255 windows_1255", ENCODING_ICONV, "CP1255"},
    {"cp1256 1256 windows_1256", ENCODING_ICONV, "CP1256"},
    {"cp1257 1257 windows_1257", ENCODING_ICONV, "CP1257"},
    {"cp1258 1258 windows_1258", ENCODING_ICONV, "CP1258"},
    {"cp437 437 cspc8codepage437 ibm437", ENCODING_ICONV, "CP437"},
    {"cp737", ENCODING_ICONV, "CP737"},
    {"cp775 775 cspc775baltic ibm775", ENCODING_ICONV, "CP775"},
    {"cp850 850 cspc850multilingual ibm850", ENCODING_ICONV, "CP850"},
    {"cp852 852 cspcp852 ibm852", ENCODING_ICONV, "CP852"},
    {"cp855 855 csibm855 ibm855", ENCODING_ICONV, "CP855"},
    {"cp856", ENCODING_ICONV, "CP856"},
    {"cp857 857 csibm857 ibm857", ENCODING_ICONV, "CP857"},
    {"cp858 858 csibm858 ibm858", ENCODING_ICONV, "CP858"},
    {"cp860 860 csibm860 ibm860", ENCODING_ICONV, "CP860"},
    {"cp861 861 cp_is csibm861 ibm861", ENCODING_ICONV, "CP861"},
    {"cp862 862 cspc862latinhebrew ibm862", ENCODING_ICONV, "CP862"},
    {"cp863 863 csibm863 ibm863", ENCODING_ICONV, "CP863"},
    {"cp864 864 csibm864 ibm864", ENCODING_ICONV, "CP864"},
    {"cp865 865 csibm865 ibm865", ENCODING_ICONV, "CP865"},
    {"cp866 866 csibm866 ibm866", ENCODING_ICONV, "CP866"},
    {"cp869 869 cp_gr csibm869 ibm869", ENCODING_ICONV, "CP869"},
    {"cp874", ENCODING_ICONV, "CP874"},
    {"cp1125 1125 ibm1125 cp866u ruscii", ENCODING_ICONV, "CP1125"},
    {"koi8_r cskoi8r", ENCODING_ICONV, "KOI8-R"},
    {"koi8_t", ENCODING_ICONV, "KOI8-T"},
    {"koi8_u", ENCODING_ICONV, "KOI8-U"},
    {"kz1048 kz_1048 rk1048 strk1048_2002", ENCODING_ICONV, "RK1048"},
    {"ptcp154 csptcp154 pt154 cp154 cyrillic_asian", ENCODING_ICONV, "PT154"},
    {"hp_roman8 roman8 r8 cshproman8 cp1051 ibm1051", ENCODING_ICONV, "HP-ROMAN8"},
    {"tis_620 tis620 tis_620_0 tis_620_2529_0 tis_620_2529_1 iso_ir_166", ENCODING_ICONV,
     "ISO-8859-11"},
    {"mac_cyrillic maccyrillic", ENCODING_ICONV, "MAC-CYRILLIC"},
    {"mac_latin2 maccentraleurope mac_centeuro maclatin2", ENCODING_ICONV, "MAC-CENTRALEUROPE"},
    {"mac_roman macintosh macroman", ENCODING_ICONV, "MACINTOSH"},
    {"big5 big5_tw csbig5 x_mac_trad_chinese", ENCODING_ICONV, "BIG5"},
    {"big5hkscs big5_hkscs hkscs", ENCODING_ICONV, "BIG5-HKSCS"},
    {"cp950 950 ms950", ENCODING_ICONV, "CP950"},
    {"gb2312 chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312_1980 gb2312_80 iso_ir_58 "
     "x_mac_simp_chinese",
     ENCODING_ICONV, "GB2312"},
    {"gbk 936 cp936 ms936", ENCODING_ICONV, "GBK"},
    {"gb18030 gb18030_2000", ENCODING_ICONV, "GB18030"},
    {"cp932 932 ms932 mskanji ms_kanji windows_31j", ENCODING_ICONV, "CP932"},
    {"shift_jis csshiftjis shiftjis sjis s_jis x_mac_japanese", ENCODING_ICONV, "SHIFT_JIS"},
    {"shift_jis_2004 shiftjis2004 sjis_2004 s_jis_2004 shift_jisx0213 shiftjisx0213 sjisx0213 "
     "s_jisx0213",
     ENCODING_ICONV, "SHIFT_JISX0213"},
    {"euc_jp eucjp ujis u_jis", ENCODING_ICONV, "EUC-JP"},
    {"euc_jis_2004 jisx0213 eucjis2004 euc_jis2004 euc_jisx0213 eucjisx0213", ENCODING_ICONV,
     "EUC-JISX0213"},
    {"iso2022_jp csiso2022jp iso2022jp iso_2022_jp", ENCODING_ICONV, "ISO-2022-JP"},
    {"iso2022_jp_1 iso2022jp_1 iso_2022_jp_1 iso2022_jp_2 iso2022jp_2 iso_2022_jp_2",
     ENCODING_ICONV, "ISO-2022-JP-2"},
    {"iso2022_jp_3 iso2022jp_3 iso_2022_jp_3 iso2022_jp_2004 iso_2022_jp_2004 iso2022jp_2004 "
     "iso2022_jp_ext iso2022jp_ext iso_2022_jp_ext",
     ENCODING_ICONV, "ISO-2022-JP-3"},
    {"euc_kr euckr korean ksc5601 ks_c_5601 ks_c_5601_1987 ksx1001 ks_x_1001 x_mac_korean",
     ENCODING_ICONV, "EUC-KR"},
    {"cp949 949 ms949 uhc", ENCODING_ICONV, "UHC"},
    {"johab cp1361 ms1361", ENCODING_ICONV, "JOHAB"},
    {"iso2022_kr csiso2022kr iso2022kr iso_2022_kr", ENCODING_ICONV, "ISO-2022-KR"},
    {"utf_16 u16 utf16 utf_16_be unicodebigunmarked utf_16be utf_16_le unicodelittleunmarked "
     "utf_16le utf_32 u32 utf32 utf_32_be utf_32be utf_32_le utf_32le",
     ENCODING_REFUSED, NULL},
    {"cp037 037 csibm037 ebcdic_cp_ca ebcdic_cp_nl ebcdic_cp_us ebcdic_cp_wt ibm037 ibm039 cp273 "
     "273 ibm273 csibm273 cp424 424 csibm424 ebcdic_cp_he ibm424 cp500 500 csibm500 ebcdic_cp_be "
     "ebcdic_cp_ch ibm500 cp875 cp1026 1026 csibm1026 ibm1026 cp1140 1140 ibm1140",
     ENCODING_REFUSED, NULL},
    {"base64 base64_codec base_64 bz2 bz2_codec hex hex_codec quopri quopri_codec quoted_printable "
     "quotedprintable rot13 rot_13 uu uu_codec zip zlib zlib_codec idna punycode undefined "
     "unicode_escape raw_unicode_escape",
     ENCODING_REFUSED, NULL},
};

enum { LONGEST_NAME = 64 };

static bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* As CPython does before it looks an alias up: lower case, every run of other characters one '_',
 * none at the ends. Dots count as such a character: the aliases have both spellings. */
static Str normalise(Str name, char room[LONGEST_NAME]) {
    u32 n = 0;
    bool gap = false;
    for (u32 i = 0; i < name.n; i++) {
        char c = lower(name.p[i]);
        if (!is_alnum(c)) {
            gap = true;
            continue;
        }
        if (n + 2 >= LONGEST_NAME) return (Str){0};
        if (gap && n) room[n++] = '_';
        gap = false;
        room[n++] = c;
    }
    return (Str){room, n};
}

/* The tokenizer's shortcut, before any alias: the first 12 characters, '_' as '-', are the name or
 * the name and a dash ("utf-8-unix" of an editor). */
static bool is_spelled(Str name, const char *plain) {
    u32 n = (u32)strlen(plain);
    u32 seen = MIN(name.n, 12u);
    if (seen < n) return false;
    for (u32 i = 0; i < n; i++) {
        char c = name.p[i] == '_' ? '-' : lower(name.p[i]);
        if (c != plain[i]) return false;
    }
    return seen == n || name.p[n] == '-' || name.p[n] == '_';
}

static bool has_word(const char *words, Str word) {
    const char *p = words;
    while (*p) {
        const char *end = strchr(p, ' ');
        u32 n = (u32)(end ? (size_t)(end - p) : strlen(p));
        if (str_eq((Str){p, n}, word)) return true;
        p += end ? n + 1 : n;
    }
    return false;
}

bool encoding_agrees_with_bom(Str name) {
    return is_spelled(name, "utf-8");
}

const Encoding *encoding_find(Str name) {
    if (is_spelled(name, "utf-8")) name = STR("utf_8");
    if (is_spelled(name, "latin-1") || is_spelled(name, "iso-8859-1") ||
        is_spelled(name, "iso-latin-1"))
        name = STR("latin_1");
    char room[LONGEST_NAME];
    Str key = normalise(name, room);
    if (!key.n) return NULL;
    for (u32 i = 0; i < ARRAY_LEN(encodings); i++)
        if (has_word(encodings[i].names, key)) return &encodings[i];
    return NULL;
}
