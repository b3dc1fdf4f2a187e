namespace AhnSharp.Tokenizer.Templates;

/// <summary>
/// What a template may cost: steps, characters that it makes or looks through, and depth; so that no template of
/// a file can hang or fill memory.
/// </summary>
/// <remarks>The templates of Qwen2.5 take about 60 steps a message and go over each character of a message about ten times.</remarks>
internal sealed class TemplateBudget(long inputItems, long inputCharacters)
{
    /// <summary>How deep expressions, blocks and macro calls may nest while a template runs.</summary>
    public const int MaximumDepth = 256;

    /// <summary>How deep brackets and blocks may nest in the source.</summary>
    public const int MaximumNesting = 64;

    /// <summary>Longest source, in UTF-16 units.</summary>
    public const int MaximumSource = 1 << 20;

    private const long BaseSteps = 1_000_000, StepsPerItem = 2_000;
    private const long BaseCharacters = 16_000_000, CharactersPerCharacter = 64;

    private readonly long _maximumSteps = BaseSteps + StepsPerItem * inputItems;
    private readonly long _maximumCharacters = BaseCharacters + CharactersPerCharacter * inputCharacters;
    private long _steps;
    private long _characters;

    public int Line { get; set; } = 1;

    public int Depth { get; private set; }

    /// <summary>Counts one node evaluated or one item made.</summary>
    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > _maximumSteps)
        {
            throw new ChatTemplateException(
                Line, $"the template took more than {_maximumSteps} steps; it would not end in reasonable time.");
        }
    }

    /// <summary>Counts characters made or looked through, before the work is done.</summary>
    public void Characters(long count)
    {
        _characters += count;
        if (count > _maximumCharacters || _characters > _maximumCharacters)
        {
            throw new ChatTemplateException(Line, $"the template went through more than {_maximumCharacters} characters; "
                + "its output would be out of proportion to the conversation.");
        }
    }

    public void Enter()
    {
        if (++Depth > MaximumDepth) throw new ChatTemplateException(Line, $"the template nests more than {MaximumDepth} levels deep.");
    }

    public void Leave() => Depth--;
}
