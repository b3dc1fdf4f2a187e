using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AhnSharp.Documents.Pdf;

/// <summary>Page numbers as people write them: 3, 7-9, 12.</summary>
internal static class PageRanges
{
    /// <param name="pages">Ascending.</param>
    public static string Of(IReadOnlyList<int> pages)
    {
        StringBuilder text = new();
        for (int first = 0; first < pages.Count;)
        {
            int last = first;
            while (last + 1 < pages.Count && pages[last + 1] == pages[last] + 1) last++;
            text.Append(text.Length > 0 ? ", " : "").Append(CultureInfo.InvariantCulture, $"{pages[first]}");
            if (last > first) text.Append(last == first + 1 ? ", " : "-").Append(CultureInfo.InvariantCulture, $"{pages[last]}");
            first = last + 1;
        }
        return text.ToString();
    }
}
