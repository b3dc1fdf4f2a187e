using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Where the parser stands in the tokens, and how deep.</summary>
internal sealed class TemplateCursor(List<TemplateToken> tokens)
{
    private int _index;
    private int _nesting;

    public TemplateToken Current => tokens[_index];

    public int Line => Current.Line;

    public bool AtName => Current.Kind == TemplateTokenKind.Name;

    public bool At(string symbol) => Current.Is(TemplateTokenKind.Operator, symbol);

    public bool AtWord(string word) => Current.Is(TemplateTokenKind.Name, word);

    /// <summary>Whether the token after the present one is the given name or operator.</summary>
    public bool NextIs(string text) => _index + 1 < tokens.Count && tokens[_index + 1].Text == text
        && tokens[_index + 1].Kind is TemplateTokenKind.Name or TemplateTokenKind.Operator;

    public TemplateToken Take()
    {
        TemplateToken token = Current;
        if (token.Kind != TemplateTokenKind.End) _index++;
        return token;
    }

    public bool TryTake(string symbol)
    {
        if (!At(symbol)) return false;
        _index++;
        return true;
    }

    public bool TryTakeWord(string word)
    {
        if (!AtWord(word)) return false;
        _index++;
        return true;
    }

    public void Expect(string symbol)
    {
        if (!TryTake(symbol)) throw Error($"expected '{symbol}', found {Current.Described}.");
    }

    public void ExpectWord(string word)
    {
        if (!TryTakeWord(word)) throw Error($"expected '{word}', found {Current.Described}.");
    }

    public void Expect(TemplateTokenKind kind, string described)
    {
        if (Current.Kind != kind) throw Error($"expected {described}, found {Current.Described}.");
        _index++;
    }

    public string TakeName(string described)
    {
        if (!AtName) throw Error($"expected {described}, found {Current.Described}.");
        return Take().Text;
    }

    public void Enter()
    {
        if (++_nesting > TemplateBudget.MaximumNesting)
            throw Error($"blocks and brackets nest more than {TemplateBudget.MaximumNesting} levels deep.");
    }

    public void Leave() => _nesting--;

    public ChatTemplateException Error(string message) => new(Line, message);
}
