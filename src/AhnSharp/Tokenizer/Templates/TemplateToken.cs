using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>What a token of the template language is.</summary>
internal enum TemplateTokenKind
{
    Data,
    PrintBegin, // {{
    PrintEnd,   // }}
    TagBegin,   // {%
    TagEnd,     // %}
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token of a template: its kind, its text (of strings, the value), and its line from 1.</summary>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, int Line)
{
    public bool Is(TemplateTokenKind kind, string text) => Kind == kind && Text == text;

    /// <summary>The token as an error names it.</summary>
    public string Described => Kind switch
    {
        TemplateTokenKind.End => "the end of the template",
        TemplateTokenKind.Data => "text",
        TemplateTokenKind.String => $"the string {GgufText.Quote(Text)}",
        _ => GgufText.Quote(Text),
    };
}
