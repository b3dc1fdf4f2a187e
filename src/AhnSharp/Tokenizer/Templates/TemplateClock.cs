using System;
using System.Globalization;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>strftime_now, as transformers defines it: the present time in the C locale's words.</summary>
internal static class TemplateClock
{
    public static TemplateString Format(DateTimeOffset now, TemplateString format, TemplateBudget budget)
    {
        TemplateStringBuilder made = new(budget);
        string source = format.Text;
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] != '%' || i + 1 == source.Length)
            {
                made.Append(source[i], format.IsFromTemplate(i));
                continue;
            }
            bool bare = source[i + 1] is '-' && i + 2 < source.Length; // without zeros before it, as glibc has it
            if (bare) i++;
            string field = Field(now, source[++i])
                ?? throw new ChatTemplateException(budget.Line, $"strftime_now does not know the field '%{source[i]}'.");
            if (bare && field.TrimStart('0', ' ') is { Length: > 0 } stripped) field = stripped;
            made.Append(field, fromTemplate: false);
        }
        return made.Build();
    }

    private static string? Field(DateTimeOffset now, char field) => field switch
    {
        'Y' => Text("{0:yyyy}", now),
        'y' => Text("{0:yy}", now),
        'C' => (now.Year / 100).ToString("00", CultureInfo.InvariantCulture),
        'm' => Text("{0:MM}", now),
        'd' => Text("{0:dd}", now),
        'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'H' => Text("{0:HH}", now),
        'I' => Text("{0:hh}", now),
        'M' => Text("{0:mm}", now),
        'S' => Text("{0:ss}", now),
        'f' => Text("{0:ffffff}", now),
        'p' => now.Hour < 12 ? "AM" : "PM",
        'A' => Text("{0:dddd}", now),
        'a' => Text("{0:ddd}", now),
        'B' => Text("{0:MMMM}", now),
        'b' or 'h' => Text("{0:MMM}", now),
        'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'u' => (now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'U' => ((now.DayOfYear + 6 - (int)now.DayOfWeek) / 7).ToString("00", CultureInfo.InvariantCulture),
        'W' => ((now.DayOfYear + 6 - ((int)now.DayOfWeek + 6) % 7) / 7).ToString("00", CultureInfo.InvariantCulture),
        'V' => ISOWeek.GetWeekOfYear(now.DateTime).ToString("00", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(now.DateTime).ToString(CultureInfo.InvariantCulture),
        's' => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'c' => Text("{0:ddd MMM} {1} {0:HH:mm:ss yyyy}", now),
        'x' or 'D' => Text("{0:MM\\/dd\\/yy}", now),
        'X' or 'T' => Text("{0:HH\\:mm\\:ss}", now),
        'R' => Text("{0:HH\\:mm}", now),
        'r' => Text("{0:hh\\:mm\\:ss} ", now) + (now.Hour < 12 ? "AM" : "PM"),
        'F' => Text("{0:yyyy-MM-dd}", now),
        'z' or 'Z' => "", // a time without zone, as datetime.now() is
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    private static string Text(string format, DateTimeOffset now) =>
        string.Format(CultureInfo.InvariantCulture, format, now.DateTime, now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2));
}
