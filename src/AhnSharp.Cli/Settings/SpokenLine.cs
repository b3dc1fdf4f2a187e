using System.IO;
using System.Linq;

namespace AhnSharp.Cli.Settings;

/// <summary>What the words of <c>ahn run [MODEL] [PROMPT]</c> mean.</summary>
/// <remarks>
/// The first word is the model where there is one of that name. Where it has the form of a model's name, or stands before a text of
/// several words as a model does, and there is none, that is an error: a model's name is never taken for a question, nor a question for a
/// model. All else is the prompt.
/// </remarks>
internal sealed record SpokenLine(string? Model, string? Prompt)
{
    private const string Remedy = "if it is what is asked, say --prompt";

    /// <param name="words">The words that are no options.</param>
    /// <param name="hasModel">Whether --model names the model.</param>
    /// <param name="hasPrompt">Whether --prompt says what is asked.</param>
    internal static SpokenLine Of(string[] words, bool hasModel, bool hasPrompt)
    {
        if (words.Length == 0) return new SpokenLine(null, null);
        string first = words[0];
        if (!hasModel && ModelName.IsHere(first)) return new SpokenLine(first, Once(words[1..], hasPrompt));
        if (hasModel) return new SpokenLine(null, Once(words, hasPrompt));
        bool standsAsModel = hasPrompt || (words.Length == 2 && !first.Any(char.IsWhiteSpace) && words[1].Any(char.IsWhiteSpace));
        if (ModelName.HasForm(first) || standsAsModel) throw new UsageException($"{ModelName.Missing(first).TrimEnd('.')}; {Remedy}.");
        if (words.Length == 1 && File.Exists(first))
            throw new UsageException($"{first} is a file: -f {first} reads it; {Remedy}.");
        return new SpokenLine(null, Once(words, hasPrompt));
    }

    private static string? Once(string[] words, bool hasPrompt) => words.Length == 0 ? null : hasPrompt
        ? throw new UsageException("--prompt says what is asked, and the line does too: give it once.")
        : string.Join(' ', words);
}
