using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The variable <c>loop</c> inside a for block.</summary>
internal sealed class TemplateLoop(List<object?> items)
{
    /// <summary>Index of the present item, from 0.</summary>
    public int Index { get; set; }

    /// <summary>An attribute of the loop; false where there is none of that name.</summary>
    public bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "index" => Index + 1L,
            "index0" => (long)Index,
            "revindex" => (long)items.Count - Index,
            "revindex0" => items.Count - Index - 1L,
            "first" => Index == 0,
            "last" => Index == items.Count - 1,
            "length" => (long)items.Count,
            "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("loop.previtem"),
            "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new UndefinedValue("loop.nextitem"),
            _ => this,
        };
        return !ReferenceEquals(value, this);
    }
}
