using System.Collections.Immutable;
using System.Linq;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation;

/// <summary>What a <see cref="RecallInterview"/> found out.</summary>
/// <param name="Mode">What the session kept of the text.</param>
/// <param name="Answers">In the order of the questions.</param>
/// <param name="ReadSeconds">Wall time of the reading.</param>
/// <param name="AnswerSeconds">Computing time of all questions and answers.</param>
/// <param name="TokensRead">Tokens of the reading.</param>
/// <param name="PeakStateBytes">Most bytes of memory that the session occupied, the index of its archive included.</param>
/// <param name="Tally">Where the tokens of the session were at the end.</param>
public sealed record RecallInterviewResult(
    MemoryMode Mode, ImmutableArray<RecallAnswer> Answers, double ReadSeconds, double AnswerSeconds, int TokensRead, long PeakStateBytes,
    Tally Tally)
{
    /// <summary>Bytes of its archive, which lie in a file.</summary>
    public long ArchiveBytes { get; init; }

    /// <summary>Digits asked for.</summary>
    public int Digits => Answers.Length * RecallFact.Digits;

    /// <summary>Digits right, each in its place.</summary>
    public int DigitsRight => Answers.Sum(answer => answer.DigitsRight);

    /// <summary>Codes with all digits right.</summary>
    public int CodesRight => Answers.Count(answer => answer.DigitsRight == RecallFact.Digits);

    /// <summary>Speed of the reading.</summary>
    public double TokensPerSecond => ReadSeconds > 0 ? TokensRead / ReadSeconds : 0;
}

/// <summary>One code and what the model said of it.</summary>
/// <param name="Fact">What was asked for.</param>
/// <param name="Text">The answer as generated.</param>
public sealed record RecallAnswer(RecallFact Fact, string Text)
{
    /// <summary>Digits of the code that the answer has in their places.</summary>
    public int DigitsRight => Fact.DigitsRight(Text);
}
