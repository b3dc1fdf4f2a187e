using System;
using System.Collections.Generic;
using System.Globalization;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Docx;

/// <summary>Which styles of paragraphs are headings, and which are items of lists.</summary>
internal sealed class WordStyles
{
    private const int DeepestChain = 16;
    private readonly Dictionary<string, Style> _styles = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>1 to 6 where the style is a heading; 0 where it is none.</summary>
    public int Heading(string? id)
    {
        for (int i = 0; i < DeepestChain && id is not null && _styles.TryGetValue(id, out Style? style); i++)
        {
            if (style.Level > 0) return Math.Min(style.Level, 6);
            id = style.Parent;
        }
        return 0;
    }

    /// <summary>The list of a style and the level in it; null where it is in none.</summary>
    public (string List, int Level)? List(string? id)
    {
        for (int i = 0; i < DeepestChain && id is not null && _styles.TryGetValue(id, out Style? style); i++)
        {
            if (style.List is { } list) return (list, style.ListLevel);
            id = style.Parent;
        }
        return null;
    }

    public static WordStyles Read(WordParts parts)
    {
        WordStyles styles = new();
        if (parts.Find("styles") is not { } path) return styles;
        MarkupReader tags = parts.OpenText(path);
        Style? open = null;
        while (tags.Read())
        {
            if (tags.Token == MarkupToken.Open && tags.Name == "style" && tags.Attribute("styleId") is { } id)
                styles._styles.TryAdd(id, open = new Style());
            else if (tags.Token == MarkupToken.Close && tags.Name == "style") open = null;
            else if (tags.Token == MarkupToken.Open && open is not null) open.Add(tags.Name, tags.Attribute("val") ?? "");
        }
        return styles;
    }

    private sealed class Style
    {
        public int Level { get; private set; }

        public string? Parent { get; private set; }

        public string? List { get; private set; }

        public int ListLevel { get; private set; }

        public void Add(string name, string value)
        {
            switch (name)
            {
                case "basedon": Parent = value; break;
                case "name" when value.Equals("title", StringComparison.OrdinalIgnoreCase): Level = 1; break;
                case "name" when value.StartsWith("heading ", StringComparison.OrdinalIgnoreCase)
                    && int.TryParse(value.AsSpan(8), NumberStyles.None, CultureInfo.InvariantCulture, out int level):
                    Level = level;
                    break;
                case "outlinelvl" when Level == 0 && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int outline)
                    && outline < 9:
                    Level = outline + 1; break;
                case "numid": List = value; break;
                case "ilvl" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int inner):
                    ListLevel = inner; break;
                default: break;
            }
        }
    }
}
