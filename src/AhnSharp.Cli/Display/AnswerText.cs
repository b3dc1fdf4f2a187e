namespace AhnSharp.Cli.Display;

/// <summary>An answer that was shown.</summary>
/// <param name="Text">All of it.</param>
/// <param name="Repeated">The piece in which it went round, so that it was stopped; null: it ended otherwise.</param>
internal readonly record struct AnswerText(string Text, string? Repeated);
