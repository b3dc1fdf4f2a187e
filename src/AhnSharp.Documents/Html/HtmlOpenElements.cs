using System.Collections.Generic;

namespace AhnSharp.Documents.Html;

/// <summary>The elements that are open, from the outermost in; the last of a name is found at once, however many are open.</summary>
internal sealed class HtmlOpenElements
{
    private readonly List<Element> _open = [];
    private readonly Dictionary<string, int> _last = [];

    public int Count => _open.Count;

    /// <summary>The innermost element that ends of others do not reach through; −1: none.</summary>
    public int LastScope { get; private set; } = -1;

    /// <summary>The innermost element with lines of its own.</summary>
    public int LastBlock { get; private set; } = -1;

    /// <summary>The innermost list.</summary>
    public int LastList { get; private set; } = -1;

    public Element this[int at] => _open[at];

    /// <summary>The innermost element of this name; −1: none.</summary>
    public int Last(string name) => _last.GetValueOrDefault(name, -1);

    public int Push(string name)
    {
        int at = _open.Count;
        _open.Add(new Element(name, Last(name), LastScope, LastBlock, LastList));
        _last[name] = at;
        if (HtmlElements.IsScope(name)) LastScope = at;
        if (HtmlElements.IsBlock(name)) LastBlock = at;
        if (name is "ul" or "ol" or "menu" or "dir") LastList = at;
        return at;
    }

    public string Pop()
    {
        Element element = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        if (element.SameBefore < 0) _last.Remove(element.Name);
        else _last[element.Name] = element.SameBefore;
        (LastScope, LastBlock, LastList) = (element.ScopeBefore, element.BlockBefore, element.ListBefore);
        return element.Name;
    }

    /// <summary>An element, and what was the innermost of each kind before it.</summary>
    public readonly record struct Element(string Name, int SameBefore, int ScopeBefore, int BlockBefore, int ListBefore);
}
