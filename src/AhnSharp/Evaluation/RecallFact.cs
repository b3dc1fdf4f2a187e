using System;

namespace AhnSharp.Evaluation;

/// <summary>One code to remember, in the words of the recall chats that the demo's memory was trained on.</summary>
/// <param name="Name">Whose code: a first name or a town.</param>
/// <param name="Code">Four decimal digits, leading zeros kept.</param>
public readonly record struct RecallFact(string Name, string Code)
{
    /// <summary>Digits of a code.</summary>
    public const int Digits = 4;

    /// <summary>The sentence that stands in the text, and the right answer.</summary>
    public string Sentence => $"The code of {Name} is {Code}.";

    /// <summary>The question after the text.</summary>
    public string Question => $"What is the code of {Name}?";

    /// <summary>
    /// Digits of <see cref="Code"/> that <paramref name="answer"/> has in their places: the first run of digits in it counts, and an
    /// answer without one has none right.
    /// </summary>
    public int DigitsRight(string answer)
    {
        int start = answer.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0) return 0;
        int right = 0;
        for (int i = 0; i < Code.Length && start + i < answer.Length && char.IsAsciiDigit(answer[start + i]); i++)
        {
            if (answer[start + i] == Code[i]) right++;
        }
        return right;
    }
}
