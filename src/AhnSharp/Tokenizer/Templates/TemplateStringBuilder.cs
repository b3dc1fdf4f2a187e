using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Writes a <see cref="TemplateString"/> piece by piece, each character with its origin, and charges what it writes.</summary>
internal sealed class TemplateStringBuilder(TemplateBudget budget)
{
    private readonly StringBuilder _text = new();
    private readonly List<bool> _origins = [];

    public int Length => _text.Length;

    public TemplateBudget Budget => budget;

    public void Append(TemplateString text)
    {
        budget.Characters(text.Length);
        _text.Append(text.Text);
        int end = _origins.Count;
        CollectionsMarshal.SetCount(_origins, end + text.Length);
        text.CopyOrigins(CollectionsMarshal.AsSpan(_origins)[end..]);
    }

    public void Append(string text, bool fromTemplate)
    {
        budget.Characters(text.Length);
        _text.Append(text);
        Extend(text.Length, fromTemplate);
    }

    public void Append(char character, bool fromTemplate) => Append(character, 1, fromTemplate);

    public void Append(char character, long count, bool fromTemplate)
    {
        if (count <= 0) return;
        budget.Characters(count);
        _text.Append(character, (int)count);
        Extend((int)count, fromTemplate);
    }

    /// <summary>Repeats a text, such as the filling of a field.</summary>
    public void Append(TemplateString text, long count)
    {
        if (count > 0 && text.Length > 0) budget.Characters(text.Length > long.MaxValue / count ? long.MaxValue : text.Length * count);
        for (long i = 0; i < count && text.Length > 0; i++)
        {
            budget.Step();
            _text.Append(text.Text);
            int end = _origins.Count;
            CollectionsMarshal.SetCount(_origins, end + text.Length);
            text.CopyOrigins(CollectionsMarshal.AsSpan(_origins)[end..]);
        }
    }

    public TemplateString Build()
    {
        ReadOnlySpan<bool> origins = CollectionsMarshal.AsSpan(_origins);
        return TemplateString.Of(_text.ToString(), origins);
    }

    private void Extend(int count, bool fromTemplate)
    {
        int end = _origins.Count;
        CollectionsMarshal.SetCount(_origins, end + count);
        CollectionsMarshal.AsSpan(_origins)[end..].Fill(fromTemplate);
    }
}
