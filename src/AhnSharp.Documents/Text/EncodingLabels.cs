using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Documents.Text;

/// <summary>The names that pages give their encodings, and what browsers read under them.</summary>
/// <remarks>Latin-1 and ASCII are windows-1252, Chinese of the mainland is GB 18030. Source: Encoding standard, section 4.2.</remarks>
internal static class EncodingLabels
{
    // code page of .NET : the labels.
    private static readonly string[] s_table =
    [
        "65001:utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
        "866:ibm866 866 cp866 csibm866",
        "28592:iso-8859-2 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 iso-ir-101 csisolatin2 l2 latin2",
        "28593:iso-8859-3 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 iso-ir-109 csisolatin3 l3 latin3",
        "28594:iso-8859-4 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 iso-ir-110 csisolatin4 l4 latin4",
        "28595:iso-8859-5 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988 iso-ir-144 csisolatincyrillic cyrillic",
        "28596:iso-8859-6 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987 iso-ir-127 arabic asmo-708 csiso88596e csiso88596i "
            + "csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i",
        "28597:iso-8859-7 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 iso-ir-126 csisolatingreek ecma-118 elot_928 greek "
            + "greek8 sun_eu_greek",
        "28598:iso-8859-8 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 iso-ir-138 csiso88598e csisolatinhebrew hebrew iso-8859-8-e visual "
            + "iso-8859-8-i csiso88598i logical",
        "28603:iso-8859-13 iso8859-13 iso885913",
        "28605:iso-8859-15 iso8859-15 iso885915 iso_8859-15 csisolatin9 l9",
        "20866:koi8-r koi koi8 koi8_r cskoi8r",
        "21866:koi8-u koi8-ru",
        "10000:macintosh csmacintosh mac x-mac-roman",
        "874:windows-874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620",
        "1250:windows-1250 cp1250 x-cp1250",
        "1251:windows-1251 cp1251 x-cp1251",
        "1252:windows-1252 cp1252 x-cp1252 ansi_x3.4-1968 ascii us-ascii cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 "
            + "iso_8859-1 iso_8859-1:1987 l1 latin1 x-user-defined",
        "1253:windows-1253 cp1253 x-cp1253",
        "1254:windows-1254 cp1254 x-cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5",
        "1255:windows-1255 cp1255 x-cp1255",
        "1256:windows-1256 cp1256 x-cp1256",
        "1257:windows-1257 cp1257 x-cp1257",
        "1258:windows-1258 cp1258 x-cp1258",
        "10007:x-mac-cyrillic x-mac-ukrainian",
        "54936:gb18030 gbk gb2312 gb_2312 gb_2312-80 chinese csgb2312 csiso58gb231280 iso-ir-58 x-gbk",
        "950:big5 big5-hkscs cn-big5 csbig5 x-x-big5",
        "51932:euc-jp cseucpkdfmtjapanese x-euc-jp",
        "50220:iso-2022-jp csiso2022jp",
        "932:shift_jis shift-jis sjis x-sjis csshiftjis ms932 ms_kanji windows-31j",
        "949:euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
        "1200:utf-16 utf-16le unicode csunicode iso-10646-ucs-2 ucs-2 unicodefeff",
        "1201:utf-16be unicodefffe",
    ];

    private static FrozenDictionary<string, int>? s_labels;

    /// <summary>The encoding of a label; null where browsers know none of that name.</summary>
    public static Encoding? Find(ReadOnlySpan<char> label)
    {
        s_labels ??= Load();
        ReadOnlySpan<char> trimmed = label.Trim(" \t\n\r\f");
        return s_labels.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(trimmed, out int page) ? Page(page) : null;
    }

    /// <summary>The encoding of a code page; bytes that it lacks become U+FFFD.</summary>
    public static Encoding Page(int page, bool strict = false)
    {
        DecoderFallback fallback = strict ? DecoderFallback.ExceptionFallback : new DecoderReplacementFallback("\uFFFD");
        return page switch
        {
            65001 or 1200 or 1201 or 12000 or 12001 => Encoding.GetEncoding(page, EncoderFallback.ReplacementFallback, fallback),
            _ => CodePagesEncodingProvider.Instance.GetEncoding(page, EncoderFallback.ReplacementFallback, fallback)!,
        };
    }

    /// <summary>What people call it.</summary>
    public static string NameOf(Encoding encoding) => encoding.CodePage switch
    {
        932 => "Shift_JIS",
        949 => "EUC-KR",
        950 => "Big5",
        1200 => "UTF-16 (little-endian)",
        1201 => "UTF-16 (big-endian)",
        50220 => "ISO-2022-JP",
        51932 => "EUC-JP",
        54936 => "GB18030",
        65001 => "UTF-8",
        _ => encoding.WebName,
    };

    private static FrozenDictionary<string, int> Load()
    {
        Dictionary<string, int> labels = new(StringComparer.OrdinalIgnoreCase);
        foreach (string row in s_table)
        {
            int colon = row.IndexOf(':', StringComparison.Ordinal);
            foreach (string label in row[(colon + 1)..].Split(' '))
                labels.Add(label, int.Parse(row.AsSpan(0, colon), System.Globalization.CultureInfo.InvariantCulture));
        }
        return labels.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
